import sharp from "sharp";
import type { Picture } from "../sample.js";
import { asSharp } from "./encode.js";
import { textSvg } from "./text.js";

export interface ContactSheetOptions {
  columns?: number;
  /** each picture is made to fit into so many pixels, its aspect ratio kept */
  cell?: { width: number; height: number };
}

/** Several pictures in rows, each with its title above it. */
export async function contactSheet(
  pictures: readonly { image: Picture; title?: string }[],
  { columns = 2, cell = { width: 640, height: 480 } }: ContactSheetOptions = {},
): Promise<Picture> {
  const [gap, titlePx] = [12, 18];
  const step = { x: cell.width + gap, y: cell.height + titlePx + 2 * gap };
  const rows = Math.ceil(pictures.length / columns);
  const [width, height] = [gap + Math.min(columns, pictures.length) * step.x, rows * step.y + gap];
  const parts = await Promise.all(
    pictures.map(async ({ image, title = "" }, i) => {
      const [left, top] = [gap + (i % columns) * step.x, gap + Math.floor(i / columns) * step.y];
      const input = await asSharp(image)
        .resize({ ...cell, fit: "contain", position: "left top", background: "#ffffff" })
        .png()
        .toBuffer();
      return {
        picture: { input, left, top: top + titlePx + gap },
        title: textSvg(title, { x: left, y: top + titlePx, sizePx: titlePx, color: "#000000" }),
      };
    }),
  );
  const titles = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${parts.map(({ title }) => title).join("")}</svg>`;
  const sheet = sharp({ create: { width, height, channels: 3, background: "#ffffff" } });
  const composed = sheet.composite([...parts.map(({ picture }) => picture), { input: Buffer.from(titles), left: 0, top: 0 }]);
  const data = await composed.removeAlpha().raw().toBuffer();
  return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height };
}
