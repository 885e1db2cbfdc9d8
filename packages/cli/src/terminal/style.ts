import type { Stream } from "./stream.js";

type Paint = (text: string) => string;

const paint =
  (on: number, off: number): Paint =>
  (text) =>
    `\u001b[${on}m${text}\u001b[${off}m`;
const plain: Paint = (text) => text;

/** Bold and colours for a terminal; nothing elsewhere, nor where NO_COLOR is set (no-color.org). */
export function styleOf({ isTTY }: Stream): { bold: Paint; dim: Paint; green: Paint; red: Paint } {
  if (!isTTY || process.env.NO_COLOR || process.env.TERM === "dumb") return { bold: plain, dim: plain, green: plain, red: plain };
  return { bold: paint(1, 22), dim: paint(2, 22), green: paint(32, 39), red: paint(31, 39) };
}
