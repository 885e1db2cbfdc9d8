import { InputError } from "@singleshot/base";

/** What the system says when the fault is not the program's. */
const SYSTEM_PROBLEMS: Record<string, [problem: string, fix: string]> = {
  ENOSPC: ["the disk is full", "Make room; a training run goes on with --resume"],
  EDQUOT: ["the disk quota is used up", "Make room; a training run goes on with --resume"],
  EFBIG: ["the file would be larger than the limit for files", "Raise the limit (ulimit -f)"],
  EACCES: ["no permission", "Change its permissions or name another place"],
  EPERM: ["no permission", "Change its permissions or name another place"],
  EROFS: ["the disk is read-only", "Name another place"],
  EMFILE: ["too many files are open", "Raise the limit (ulimit -n)"],
  ENOTDIR: ["a part of the path is a file, not a folder", "Name another place"],
  EEXIST: ["a file has this name", "Name another place"],
  EISDIR: ["a folder has this name", "Name a file"],
};

/** What to do where libtorch finds no more memory on a device or in the machine. */
const LESS_MEMORY =
  "Take fewer pictures at a time (--batch-size), compute a batch in parts (--set training.microBatchSize=N), or smaller pictures.";

/** Somebody has asked to stop before there was anything to save. */
export const isInterruption = (error: unknown): boolean => (error as Error | undefined)?.name === "AbortError";

/** The one message for an error that is the input's fault or the machine's; undefined for our own. */
export function userProblem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (isInterruption(error)) return `${error.message}.`;
  if (error instanceof InputError) return error.message;
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  const [line] = error.message.split("\n");
  if (code === "ERR_DLOPEN_FAILED" || (code === "MODULE_NOT_FOUND" && line!.includes(".node'")))
    return `libtorch cannot be loaded: ${line}. Run \`npm run setup\`; \`singleshot doctor\` tells more.`;
  if (code === "ERR_OUT_OF_MEMORY") return `${line!.replace(/\.?$/, ".")} ${LESS_MEMORY}`;
  const known = syscall === undefined || code === undefined ? undefined : SYSTEM_PROBLEMS[code];
  return known && `${path ? `${path}: ` : ""}${known[0]}. ${known[1]}.`;
}
