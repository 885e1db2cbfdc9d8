import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of golden numbers: `GOLDEN_DIR`, else the repository's own. */
export function goldenDir(): string {
  return process.env.GOLDEN_DIR || fileURLToPath(new URL("../../../fixtures/golden", import.meta.url));
}

/**
 * One golden file.
 *
 * @param name folder and file without ending: `losses/elementwise`
 * @returns its content; the strings "nan", "inf" and "-inf" have become numbers
 */
// biome-ignore lint/suspicious/noExplicitAny: the file's form is the test's business; a test may name its own type
export function golden<T = any>(name: string): T {
  const file = join(goldenDir(), `${name}.json`);
  if (!existsSync(file)) throw new Error(`no golden file ${file}; GOLDEN_DIR is ${process.env.GOLDEN_DIR ?? "not set"}`);
  return JSON.parse(readFileSync(file, "utf8"), (_key, value) => reviveNumber(value)) as T;
}

/** The names that `golden` takes, of all JSON files in one folder (`models`), in alphabetical order. */
export function goldenNames(folder: string): string[] {
  const files = readdirSync(join(goldenDir(), folder)).filter((file) => file.endsWith(".json"));
  return files.map((file) => `${folder}/${file.slice(0, -".json".length)}`).sort();
}

const NUMBERS = new Map<unknown, number>([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
]);

/** JSON has no word for these three numbers; the golden files write them as strings. Anything else is given back as it is. */
export function reviveNumber(value: unknown): unknown {
  return NUMBERS.get(value) ?? value;
}
