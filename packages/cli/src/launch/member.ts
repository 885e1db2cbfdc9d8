import { LAUNCHED } from "@singleshot/torch/world";

const GRACE_MS = 5000;

/** Whether `singleshot launch` started this process. */
const isMember = (): boolean => process.send !== undefined && Boolean(process.env[LAUNCHED]);

/** A process of a group ends with its launcher, however that ended: in good order if it can, in any case soon. */
export function endWithLauncher(): void {
  if (!isMember()) return;
  if (!process.connected) end(); // the launcher was gone before this program was read
  process.once("disconnect", end);
  (process as { channel?: { unref(): void } }).channel?.unref(); // waiting for that keeps nobody alive
}

function end(): void {
  process.kill(process.pid, "SIGTERM");
  setTimeout(() => process.kill(process.pid, "SIGKILL"), GRACE_MS).unref();
}

/** What a process of a group ends with. */
export interface Failed {
  failed: string;
  /** It lost another process, and that one is the cause. */
  lost: boolean;
}

/**
 * Tells the launcher what this process ends with; it prints that of ranks above 0.
 * @param say says it here, where no launcher does
 */
export function tellLauncher(problem: Failed, say: () => void): void {
  const isHeard = isMember() && process.connected;
  const isPrinted = isHeard && process.env.RANK !== "0";
  if (isHeard) process.send!(problem, undefined, {}, (error) => error && isPrinted && say());
  if (!isPrinted) say();
}
