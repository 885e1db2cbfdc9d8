import { Command } from "commander";
import { commands } from "./commands/index.js";
import { version } from "./version.js";

const COLUMNS = 100; // no line of help is wider

const EXAMPLES = `
Examples:
  $ singleshot train --recipe ssdlite320-small --data photos     train on your own photographs
  $ singleshot eval runs/ssdlite320-small-1 --data photos        how good is it?
  $ singleshot predict runs/ssdlite320-small-1 new --out found   find things in other pictures

Every command explains itself: singleshot train --help`;

/** The whole command line. It throws CommanderErrors for wrong flags and leaves printing them to the caller. */
export function createProgram(): Command {
  const program = new Command("singleshot");
  program
    .description("Train, evaluate and use single-shot object detectors.")
    .version(version, "-v, --version", "the version")
    .helpCommand(false)
    .addHelpText("after", EXAMPLES);
  for (const command of commands()) program.addCommand(command);
  configure(program);
  return program;
}

/** A command and those below it. */
function configure(command: Command): void {
  const width = () => Math.min(process.stdout.columns ?? COLUMNS, COLUMNS);
  for (const below of command.commands) configure(below);
  command
    .exitOverride()
    .helpOption("-h, --help", "this text")
    .configureHelp({ ...command.configureHelp(), subcommandTerm: (one) => one.name() })
    .configureOutput({ outputError: () => {}, getOutHelpWidth: width, getErrHelpWidth: width });
}
