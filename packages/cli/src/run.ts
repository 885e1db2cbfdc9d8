import { CommanderError } from "commander";
import { EXIT } from "./exit-codes.js";
import { withJsonTargets } from "./options/index.js";
import { createProgram } from "./program.js";
import { clearLine } from "./terminal/index.js";
import { usageProblem } from "./usage-problem.js";
import { userProblem } from "./user-problem.js";

/** Runs a command line and sets the exit code. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = createProgram();
  if (argv.length === 0) return program.outputHelp();
  try {
    await program.parseAsync(withJsonTargets(argv), { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return; // --help, --version
    const problem = error instanceof CommanderError ? usageProblem(error, program, argv) : userProblem(error);
    clearLine(process.stderr);
    console.error(problem ?? error);
    process.exitCode = problem === undefined ? EXIT.ours : EXIT.input;
  }
}
