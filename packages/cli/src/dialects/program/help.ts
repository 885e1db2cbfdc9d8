import { kinds } from "./kinds.js";
import type { Row } from "./row.js";

const WIDTH = 100;
const INDENT = 6;

/** The flags of a program as its help lists them: spellings, what they do, the original's default, and the recipe's key. */
export function helpOf(rows: readonly Row<never>[], examples: readonly string[]): string {
  const flags = rows.flatMap((row) => [`  ${row.flags.join(", ")}${kinds[row.kind].word}`, ...wrapped(saysOf(row))]);
  const commands = examples.map((example) => broken(`$ singleshot ${example}`));
  return ["", "Flags, as the original has them; → is where our recipe has the value:", ...flags, "", "Examples:", ...commands].join("\n");
}

function saysOf(row: Row<never>): string {
  const { says, choices, when, ignored, refused } = row;
  const parts = [
    says,
    choices && `one of ${choices.join(", ")}`,
    when && `counts ${when.says}`,
    defaultOf(row),
    ignored && `without effect: ${ignored}`,
    refused && `refused: ${refused}`,
  ];
  const key = row.into ?? row.decides;
  return `${parts.filter(Boolean).join("; ")}${key ? ` → ${key}` : ""}`;
}

function defaultOf({ default: value, kind }: Row<never>): string | undefined {
  if (value === undefined) return undefined;
  if (kind === "switch") return undefined;
  return `default ${Array.isArray(value) ? value.join(" ") : value === "" ? "''" : String(value)}`;
}

const wrapped = (text: string): string[] => linesOf(text, WIDTH - INDENT).map((line) => `${" ".repeat(INDENT)}${line}`);

/** A command as a shell takes it on several lines. */
const broken = (command: string): string => `  ${linesOf(command, WIDTH - INDENT - 2).join(` \\\n${" ".repeat(INDENT)}`)}`;

function linesOf(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
