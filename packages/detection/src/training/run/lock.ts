import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { InputError } from "@singleshot/vision";

/** Who writes into a run directory. */
interface Owner {
  pid: number;
  host: string;
  /** Tells two processes of one number apart, where the system says when a process began. */
  began: string | null;
}

/**
 * Does something that nobody else may do in the same folder at the same time. The lock of a process that is gone does not count.
 * @throws InputError naming the process that is at work there
 */
export async function withLock<T>(folder: string, body: () => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, ".lock");
  take(file);
  try {
    return await body();
  } finally {
    if (ownerOf(file)?.pid === process.pid) rmSync(file, { force: true });
  }
}

function take(file: string): void {
  const owner: Owner = { pid: process.pid, host: hostname(), began: beganAt(process.pid) };
  while (!created(file, JSON.stringify(owner))) {
    const other = ownerOf(file);
    if (other && isAtWork(other)) throw taken(file, other);
    rmSync(file, { force: true });
  }
}

function created(file: string, text: string): boolean {
  try {
    const descriptor = openSync(file, "wx");
    writeSync(descriptor, text);
    closeSync(descriptor);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Undefined: the file is gone, or was cut off while it was written. */
function ownerOf(file: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Owner;
  } catch {
    return undefined;
  }
}

/** A process on another machine is taken at its word. */
function isAtWork({ pid, host, began }: Owner): boolean {
  if (host !== hostname()) return true;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return began === beganAt(pid);
}

/** Linux: clock ticks from the start of the system to that of the process. */
function beganAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

function taken(file: string, { pid, host }: Owner): InputError {
  const elsewhere = host === hostname() ? "" : ` on ${host}`;
  return new InputError(`process ${pid}${elsewhere} is training into this folder`, {
    file: join(file, ".."),
    fix: elsewhere
      ? `wait for it, name another --out, or remove ${file} if that machine is gone`
      : "wait for it, stop it, or name another --out",
  });
}
