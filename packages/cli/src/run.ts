import { type Command, CommanderError } from "commander";
import { complain, isLost } from "./complain.js";
import { EXIT } from "./exit-codes.js";
import { withLaunchSeparated } from "./launch/index.js";
import { withJsonTargets } from "./options/index.js";
import { createProgram } from "./program.js";
import { usageProblem } from "./usage-problem.js";
import { isInterruption, userProblem } from "./user-problem.js";

/** A command that has others below it was named alone; its help has been printed. */
const HELP_INSTEAD = "commander.help";

/** Runs a command line and sets the exit code. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = createProgram();
  if (argv.length === 0) return program.outputHelp();
  try {
    await program.parseAsync(withJsonTargets(withLaunchSeparated(argv)), { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return; // --help, --version
    const problem = problemOf(error, program, argv);
    if (problem !== "") complain(error, problem);
    process.exitCode = exitCodeOf(error, problem);
  }
}

function exitCodeOf(error: unknown, problem: string | undefined): number {
  if (isInterruption(error)) return EXIT.interrupted;
  return problem === undefined || isLost(error) ? EXIT.ours : EXIT.input;
}

/** What to say of an error; nothing where a command's help has been printed in its place; undefined where the fault is ours. */
function problemOf(error: unknown, program: Command, argv: readonly string[]): string | undefined {
  if (!(error instanceof CommanderError)) return userProblem(error);
  return error.code === HELP_INSTEAD ? "" : usageProblem(error, program, argv);
}
