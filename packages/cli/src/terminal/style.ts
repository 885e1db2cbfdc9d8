import type { Stream } from "./stream.js";

type Paint = (text: string) => string;

const paint =
  (color: number): Paint =>
  (text) =>
    `\u001b[${color}m${text}\u001b[39m`;
const plain: Paint = (text) => text;

/** Colours for a terminal; nothing elsewhere, nor where NO_COLOR is set (no-color.org). */
export function styleOf({ isTTY }: Stream): { green: Paint; red: Paint } {
  if (!isTTY || process.env.NO_COLOR || process.env.TERM === "dumb") return { green: plain, red: plain };
  return { green: paint(32), red: paint(31) };
}
