import { writeFileAtomic } from "@singleshot/base/atomic-file";
import { Option } from "commander";
import { jsonFile } from "./values.js";

const STANDARD_OUTPUT = "-";

/** `--json [FILE.json]` */
export function jsonOption(): Option {
  const file = jsonFile("--json");
  return new Option("--json [FILE.json]", "the result as JSON, on standard output or in a file").argParser((target: string) =>
    target === STANDARD_OUTPUT ? target : file(target),
  );
}

/** What follows `--json` is its file only if it is called so: in `predict --json RUN PICTURE` nothing is. */
export function withJsonTargets(argv: readonly string[]): string[] {
  return argv.map((word, i) => (word === "--json" && !argv[i + 1]?.endsWith(".json") ? `--json=${STANDARD_OUTPUT}` : word));
}

export const isStandardOutput = (target: string | undefined): boolean => target === STANDARD_OUTPUT;

export function writeJson(target: string, value: unknown): void {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (isStandardOutput(target)) process.stdout.write(text);
  else writeFileAtomic(target, text);
}
