import { EXIT } from "../exit-codes.js";
import { interruption, type Terminal } from "../terminal/index.js";

/** A signal for a training, aborted by Ctrl-C and SIGTERM. */
export const untilInterrupted = ({ note }: Terminal) =>
  interruption(() => note("Stopping: what is in hand is finished, then all is saved. Another Ctrl-C ends at once."));

export function tellInterruption({ progress }: { progress: { globalStep: number } }, howToGoOn: string, { say }: Terminal): void {
  say(`\nInterrupted after step ${progress.globalStep}; all is saved. ${howToGoOn}`);
  process.exitCode = EXIT.interrupted;
}
