import { homedir } from "node:os";
import { Command, Option } from "commander";
import { CONFIG_ROW, withConfigFile } from "./config-file.js";
import { helpOf } from "./help.js";
import { kinds } from "./kinds.js";
import type { Row, Values } from "./row.js";
import { inFirstSpelling, longName } from "./spelling.js";

/** A program of an original system. */
export interface Program<Flags = never> {
  /** Its file, without `.py`. */
  name: string;
  summary: string;
  description: string;
  rows: readonly Row<Flags>[];
  /** What stands on the command line without a flag, in commander's form. */
  words?: string;
  /** Whether its flags may stand in a file: `--config FILE`. */
  config?: boolean;
  /** Command lines, each with what it does behind two spaces. */
  examples: readonly string[];
  run(values: Flags, given: ReadonlySet<string>, words: readonly string[]): Promise<void> | void;
}

/** What a command line says. */
export interface Parsed {
  /** With the original's defaults where nothing was said. */
  values: Values;
  /** The names of the values that were said. */
  given: ReadonlySet<string>;
  words: string[];
}

/**
 * Commander, made from a program's rows. It reads what argparse reads: `--flag=value`, `--flag value`, `-b 2`, `-b2`, lists of words,
 * empty values, and by `inFirstSpelling` every spelling and shortened flags.
 */
class ProgramCommand extends Command {
  constructor(
    name: string,
    private readonly rows: readonly Row<never>[],
    private readonly config: boolean,
  ) {
    super(name);
  }

  override parseOptions(argv: string[]): ReturnType<Command["parseOptions"]> {
    return super.parseOptions(inFirstSpelling(this.config ? withConfigFile(argv) : argv, this.rows));
  }
}

/** A program as a command of ours; `NAME.py` is its other name. */
export function commandOf(program: Program<never>): Command {
  const { name, summary, description, words, examples, config = false, run } = program as unknown as Program<Values>;
  const rows = rowsOf(program);
  const command = new ProgramCommand(name, rows, config).alias(`${name}.py`).summary(summary).description(description);
  for (const row of rows) command.addOption(optionOf(row));
  if (words !== undefined) command.arguments(words);
  return command
    .usage(["[flags]", words].filter(Boolean).join(" "))
    .configureHelp({ visibleOptions: () => [] })
    .addHelpText("after", () => helpOf(rows, examples))
    .action(() => {
      const { values, given, words } = said(command, rows);
      return run(values, given, words);
    });
}

/** What a command line says to a program, without running it. @throws InputError, CommanderError on a wrong one */
export function parse(program: Omit<Program<never>, "run">, argv: readonly string[]): Parsed {
  const { name, words, config = false } = program;
  const rows = rowsOf(program);
  const command = new ProgramCommand(name, rows, config).exitOverride().configureOutput({ outputError: () => {} });
  for (const row of rows) command.addOption(optionOf(row));
  if (words !== undefined) command.arguments(words);
  command.action(() => {}).parse(argv, { from: "user" });
  return said(command, rows);
}

/** What a program understands: its own flags, and `--config` where it has a file. */
const rowsOf = ({ rows, config }: Pick<Program<never>, "rows" | "config">): readonly Row<never>[] =>
  config ? [...rows, CONFIG_ROW] : rows;

function said(command: Command, rows: readonly Row<never>[]): Parsed {
  const given = command.opts() as Values;
  const defaults = rows.map((row) => [optionOf(row).attributeName(), row.default ?? (row.kind === "switch" ? false : undefined)]);
  const values = Object.entries({ ...Object.fromEntries(defaults), ...given }).map(([name, value]) => [name, withHome(value)]);
  return { values: Object.fromEntries(values), given: new Set(Object.keys(given)), words: [...command.args] };
}

/** `~` in front of a path is the home folder: a shell leaves it as it is behind an equals sign. */
function withHome(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withHome);
  return typeof value === "string" ? value.replace(/^~(?=\/|$)/, homedir()) : value;
}

/** The name of a row's value. */
export const valueName = (row: Row<never>): string => optionOf(row).attributeName();

function optionOf(row: Row<never>): Option {
  const { flags, kind, choices } = row;
  const { word, read } = kinds[kind];
  const short = flags.find((flag) => /^-[^-]/.test(flag));
  const option = new Option(`${[...(short ? [short] : []), longName(row)].join(", ")}${word}`);
  if (choices) return option.choices(choices);
  if (kind === "switch") return option;
  const isList = word.endsWith("...>");
  const value = (text: string) => read(longName(row), text);
  return isList ? option.argParser((text, earlier: unknown[] = []) => [...earlier, value(text)]) : option.argParser<unknown>(value);
}
