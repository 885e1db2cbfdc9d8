import sharp from "sharp";
import type { Picture } from "../sample.js";
import { colorOfClass } from "./color-of-class.js";
import { textSvg, textWidth } from "./text.js";

export interface BarChart {
  title: string;
  bars: readonly { name: string; value: number }[];
  /** each bar in the colour of the class of its number; else all in one */
  classColors?: boolean;
}

const [WIDTH, GAP, BAR, TEXT, TITLE] = [900, 24, 22, 13, 18]; // pixels

/** Charts of lying bars, one below the other, with the numbers behind them. */
export async function barCharts(charts: readonly BarChart[]): Promise<Picture> {
  let top = GAP;
  const parts = charts.map((chart) => {
    const part = chartSvg(chart, top);
    top += TITLE + GAP + chart.bars.length * BAR + GAP;
    return part;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top}"><rect width="100%" height="100%" fill="#ffffff"/>${parts.join("")}</svg>`;
  const data = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
  return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width: WIDTH, height: top };
}

function chartSvg({ title, bars, classColors = false }: BarChart, top: number): string {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const left = GAP + Math.min(280, Math.max(0, ...bars.map(({ name }) => textWidth(name, TEXT)))) + 10;
  const room = WIDTH - left - 90;
  const rows = bars.map(({ name, value }, i) => {
    const y = top + TITLE + GAP + i * BAR;
    const width = (room * value) / most;
    const color = colorOfClass(classColors ? i + 1 : 7);
    const text = (words: string, x: number) => textSvg(words, { x, y: y + BAR / 2 + 5, sizePx: TEXT, color: "#222222" });
    const bar = `<rect x="${left}" y="${y + 3}" width="${width.toFixed(1)}" height="${BAR - 6}" fill="${color}"/>`;
    return text(shortened(name), GAP) + bar + text(value.toLocaleString("en-US"), left + width + 8);
  });
  return textSvg(title, { x: GAP, y: top + TITLE, sizePx: TITLE, color: "#000000" }) + rows.join("");
}

const shortened = (name: string) => {
  const letters = [...name];
  while (letters.length > 1 && textWidth(`${letters.join("")}…`, TEXT) > 280) letters.pop();
  return letters.length < [...name].length ? `${letters.join("")}…` : name;
};
