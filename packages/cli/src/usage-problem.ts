import type { Command, CommanderError } from "commander";

/** A wrong command line in one message: `--epoch: no such flag. Did you mean --epochs? 'singleshot train --help' tells more.` */
export function usageProblem(error: CommanderError, program: Command, argv: readonly string[]): string {
  const [problem, guess] = error.message.replace(/^error: /, "").split("\n");
  const [, word = ""] = /'([^']*)'/.exec(problem!) ?? [];
  const described = DESCRIPTIONS[error.code]?.(word, problem!) ?? `${problem}.`;
  const didYouMean = guess ? ` ${guess.replace(/^\(|\)$/g, "")}` : "";
  const help = ["singleshot", ...commandsIn(program, argv), "--help"].join(" ");
  return `${described}${didYouMean} \`${help}\` tells more.`;
}

/** The names of the command and of the one below it, as far as they are known. */
function commandsIn(command: Command, [name, ...rest]: readonly string[]): string[] {
  const below = command.commands.find((one) => one.name() === name);
  return below ? [below.name(), ...commandsIn(below, rest)] : [];
}

const DESCRIPTIONS: Record<string, (word: string, problem: string) => string> = {
  "commander.unknownOption": (flag) => `${flag}: no such flag.`,
  "commander.unknownCommand": (name) => `${name}: no such command.`,
  "commander.missingArgument": (name) => `${name.toUpperCase()} is missing.`,
  "commander.missingMandatoryOptionValue": (flags) => `${flags.replace(/ <.*/, "")} is missing.`,
  "commander.optionMissingArgument": (flag) => `${flag}: its value is missing.`,
  "commander.invalidArgument": (_, problem) =>
    problem.replace(/^option '(\S+)[^']*' argument '([^']*)' is invalid\. Allowed choices are /, "$1: $2 is not known. It can be "),
  "commander.excessArguments": (_, problem) => `${problem[0]!.toUpperCase()}${problem.slice(1).replace(/\.$/, "")}.`,
};
