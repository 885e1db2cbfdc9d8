import { EXIT } from "../exit-codes.js";
import { onClosedPipe } from "./closed-pipe.js";

/** npm passes on a Ctrl-C that the command got already: what comes so soon after the first is not a second one. */
const ECHO_MS = 1000;

const SIGNALS = ["SIGINT", "SIGTERM"] as const; // SIGHUP is left alone: who starts a run with nohup wants it to outlive the terminal

export interface Interruption {
  /** Aborted by the first Ctrl-C, a request to end, a closed pipe. */
  signal: AbortSignal;
  /** Signals end the program again as they always do. */
  release(): void;
}

/** Lets a command finish what it must when it is asked to stop; a second Ctrl-C ends it at once. */
export function interruption(
  onFirst: () => void,
  { now = () => performance.now(), exit = process.exit as (code: number) => void } = {},
): Interruption {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const stop = () => {
    firstAt = now();
    controller.abort();
  };
  const interrupted = () => {
    if (firstAt === undefined) {
      stop();
      onFirst();
    } else if (now() - firstAt > ECHO_MS) exit(EXIT.interrupted);
  };
  for (const name of SIGNALS) process.on(name, interrupted);
  onClosedPipe(() => firstAt === undefined && stop());
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, interrupted);
    },
  };
}
