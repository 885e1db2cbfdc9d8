import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../bin/singleshot.mjs", import.meta.url));

/** How this program starts itself with other words. */
export const launchedCommand = (argv: readonly string[]): [string, ...string[]] => [
  process.execPath,
  ...process.execArgv,
  PROGRAM,
  ...argv,
];
