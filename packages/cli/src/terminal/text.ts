import { relative } from "node:path";

/** `1 picture`, `2,237 boxes` */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number.toLocaleString("en-US")} ${number === 1 ? singular : plural}`;
}

/** `42 s`, `8 min 12 s`, `1 h 05 min` */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  if (hours > 0) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return minutes > 0 ? `${minutes} min ${String(seconds % 60).padStart(2, "0")} s` : `${seconds} s`;
}

/** A path from here where it lies below, else as it is. */
export function shortPath(path: string): string {
  const fromHere = relative(".", path);
  return fromHere.startsWith("..") || fromHere === "" ? path : fromHere;
}

/** A word as one may paste it into a shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
