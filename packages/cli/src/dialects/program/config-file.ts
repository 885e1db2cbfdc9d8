import { existsSync, readFileSync } from "node:fs";
import { InputError } from "@singleshot/vision";
import { parse } from "yaml";

/** The row of programs whose constants may stand in a file. */
export const CONFIG_ROW = {
  flags: ["--config"],
  kind: "text",
  says: "a file of constants, YAML or JSON: `IMG_SIZE: 320`; flags go over it",
} as const;

/**
 * A command line with the constants of its `--config FILE` before its own words, so that these go over them. What is nested in the
 * file, `aug_cfg` for instance, is no deeper on a command line.
 *
 * @throws InputError where the file is missing or holds something else
 */
export function withConfigFile(argv: readonly string[]): string[] {
  const at = argv.findIndex((word) => word === "--config" || word.startsWith("--config="));
  if (at < 0) return [...argv];
  const file = argv[at]!.includes("=") ? argv[at]!.slice("--config=".length) : argv[at + 1];
  return file === undefined ? [...argv] : [...wordsOf(read(file), file), ...argv];
}

function read(file: string): unknown {
  if (!existsSync(file)) throw new InputError("no such file", { file });
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new InputError(`not readable: ${(error as Error).message.split("\n")[0]}`, { file });
  }
}

function wordsOf(constants: unknown, file: string): string[] {
  if (typeof constants !== "object" || constants === null || Array.isArray(constants))
    throw new InputError("no constants", { file, fix: "write a line for each: IMG_SIZE: 320" });
  return Object.entries(constants).flatMap(([name, value]: [string, unknown]) => {
    if (Array.isArray(value)) return [`--${name}`, ...value.map(String)];
    return typeof value === "object" && value !== null ? wordsOf(value, file) : [`--${name}=${value}`];
  });
}
