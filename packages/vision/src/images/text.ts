import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import opentype, { type Font, type PathCommand } from "opentype.js";

let font: Font | undefined;

/** DejaVu Sans Bold comes with the package: text looks the same on machines without any font. */
function labelFont(): Font {
  if (!font) {
    const bytes = readFileSync(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"));
    font = opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  }
  return font;
}

/** Width of a line of text in pixels. */
export function textWidth(text: string, sizePx: number): number {
  const units = [...text].reduce((total, letter) => total + (labelFont().charToGlyph(letter).advanceWidth ?? 0), 0);
  return (units * sizePx) / labelFont().unitsPerEm;
}

/**
 * A line of text as SVG, drawn as outlines. Letters the font does not have (Chinese, for instance) are left to the fonts of the machine.
 *
 * @param x left end in pixels
 * @param y baseline
 */
export function textSvg(text: string, { x, y, sizePx, color }: { x: number; y: number; sizePx: number; color: string }): string {
  const letters = [...text];
  if (letters.some((letter) => labelFont().charToGlyphIndex(letter) === 0)) {
    return `<text fill="${color}" x="${x}" y="${y}" font-family="sans-serif" font-weight="bold" font-size="${sizePx}">${escaped(text)}</text>`;
  }
  const outlines = letters.map((letter, i) => {
    const start = x + textWidth(letters.slice(0, i).join(""), sizePx);
    return labelFont().charToGlyph(letter).getPath(start, y, sizePx).commands.map(commandText).join("");
  });
  return `<path fill="${color}" d="${outlines.join("")}"/>`;
}

/** One command of an SVG path, to a hundredth of a pixel. */
function commandText({ type, ...numbers }: PathCommand): string {
  const { x1, y1, x2, y2, x, y } = numbers as Partial<Record<string, number>>;
  return (
    type +
    [x1, y1, x2, y2, x, y]
      .filter((value) => value !== undefined)
      .map((value) => value.toFixed(2))
      .join(" ")
  );
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.codePointAt(0)};`);
}
