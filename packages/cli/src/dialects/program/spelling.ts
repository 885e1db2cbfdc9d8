import { InputError, nearest } from "@singleshot/vision";
import type { Row } from "./row.js";

type Rows = readonly Pick<Row, "flags">[];

const OWN = "--help";

/**
 * A command line with every flag in its first spelling. As in argparse, a long flag may be cut short as long as it is clear which one is
 * meant.
 *
 * @throws InputError for a flag that the program does not have, with those that are written alike
 */
export function inFirstSpelling(argv: readonly string[], rows: Rows): string[] {
  const end = argv.indexOf("--");
  const flags = end < 0 ? argv : argv.slice(0, end);
  return [...flags.map((word) => firstSpelling(word, rows)), ...argv.slice(flags.length)];
}

function firstSpelling(word: string, rows: Rows): string {
  const [, flag, value = ""] = /^(--[^=]+)(=.*)?$/s.exec(word) ?? [];
  if (flag === undefined || flag === OWN) return word;
  const exact = rows.filter(({ flags }) => flags.includes(flag));
  const meant = exact.length > 0 ? exact : rows.filter(({ flags }) => flags.some((spelling) => spelling.startsWith(flag)));
  if (meant.length === 1) return `${longName(meant[0]!)}${value}`;
  throw meant.length > 1 ? ambiguous(flag, meant) : unknown(flag, rows);
}

/** What commander calls the flag by: its first long spelling. */
export const longName = ({ flags }: Pick<Row, "flags">): string => flags.find((flag) => flag.startsWith("--"))!;

function ambiguous(flag: string, rows: Rows): InputError {
  return new InputError(`${flag} may be ${rows.map(longName).join(" or ")}`, { fix: "write more of it" });
}

function unknown(flag: string, rows: Rows): InputError {
  const guesses = nearest(
    flag,
    rows.flatMap(({ flags }) => flags),
  );
  const fix = guesses.length > 0 ? `did you mean ${guesses.join(" or ")}?` : "--help lists all flags";
  return new InputError(`${flag}: no such flag`, { fix });
}
