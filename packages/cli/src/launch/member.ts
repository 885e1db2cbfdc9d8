import { LAUNCHED } from "@singleshot/torch/world";

const GRACE_MS = 5000;

/** Whether `singleshot launch` started this process and still hears it. */
const isMember = (): boolean => process.send !== undefined && Boolean(process.env[LAUNCHED]);

/** A process of a group ends with its launcher, however that ended: in good order if it can, in any case soon. */
export function endWithLauncher(): void {
  if (!isMember()) return;
  process.once("disconnect", () => {
    process.kill(process.pid, "SIGTERM");
    setTimeout(() => process.kill(process.pid, "SIGKILL"), GRACE_MS).unref();
  });
  (process as { channel?: { unref(): void } }).channel?.unref(); // waiting for that keeps nobody alive
}

/** What a process of a group ends with. */
export interface Failed {
  failed: string;
  /** It lost another process, and that one is the cause. */
  lost: boolean;
}

/** Tells the launcher what this process ends with. @returns whether the launcher prints it */
export function tellLauncher(problem: Failed): boolean {
  if (!isMember()) return false;
  process.send!(problem);
  return process.env.RANK !== "0";
}
