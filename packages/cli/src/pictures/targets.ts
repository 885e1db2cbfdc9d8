import { existsSync, realpathSync } from "node:fs";
import { parse, resolve } from "node:path";

const WRITTEN = [".jpg", ".jpeg", ".png", ".webp"]; // others become .png

/** For each file its own name, with a number where two have the same, and an ending that can be written. */
export function targetNames(files: readonly string[]): Map<string, { stem: string; ending: string }> {
  const taken = new Set<string>();
  return new Map(
    files.map((file) => {
      const { name, ext } = parse(file);
      const ending = WRITTEN.includes(ext.toLowerCase()) ? ext : ".png";
      let stem = name;
      for (let number = 2; taken.has(`${stem}${ending}`.toLowerCase()); number++) stem = `${name}-${number}`;
      taken.add(`${stem}${ending}`.toLowerCase());
      return [file, { stem, ending }];
    }),
  );
}

/** Where a file is, links followed. */
export const placeOf = (file: string): string => (existsSync(file) ? realpathSync(file) : resolve(file));
