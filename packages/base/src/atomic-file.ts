import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { InputError } from "./input-error.js";

/** Text, bytes, or bytes in pieces, made as they are written. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array>;

const TEMPORARY = /^[.]singleshot-[0-9a-f]{12}[.]tmp$/;
const PIECE = 2 ** 26; // bytes a system call

/**
 * Writes a file so that at every moment, whatever is killed or pulled out, the whole old file or the whole new one has the name: into a temporary
 * file in the same folder, flushed to the disk, renamed, and the folder flushed too. A link of that name is replaced, not followed.
 *
 * A full disk, a quota, a missing folder or permission is an InputError; the old file is untouched then and no stump is left.
 */
export function writeFileAtomic(path: string, content: FileContent): void {
  const folder = dirname(path);
  const temporary = temporaryBeside(path);
  try {
    writeDurably(temporary, pieces(content));
    renameSync(temporary, path);
    flushFolder(folder);
  } catch (error) {
    removeQuietly(temporary);
    throw asInputError(error, path);
  }
}

/** A name for what is to become the file, in its folder: `removeTemporaryFiles` knows it. */
export const temporaryBeside = (path: string): string => join(dirname(path), `.singleshot-${randomBytes(6).toString("hex")}.tmp`);

/**
 * Removes what killed writers left behind. For one who knows that nobody else writes into the folder, such as a run that holds the lock of its
 * run directory.
 */
export function removeTemporaryFiles(folder: string): void {
  for (const name of readdirSync(folder)) if (TEMPORARY.test(name)) rmSync(join(folder, name), { force: true });
}

function pieces(content: FileContent): Iterable<Uint8Array> {
  if (typeof content === "string") return [Buffer.from(content)];
  return content instanceof Uint8Array ? [content] : content;
}

function writeDurably(path: string, content: Iterable<Uint8Array>): void {
  const descriptor = openSync(path, "wx");
  try {
    for (const bytes of content) {
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, Math.min(bytes.length - done, PIECE));
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The error that made it necessary is the one to tell. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

/** Makes the rename itself survive a power cut. Windows knows no such call. */
function flushFolder(folder: string): void {
  if (process.platform === "win32") return;
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const failures: Record<string, [problem: string, fix: string]> = {
  ENOSPC: ["the disk is full", "make room"],
  EDQUOT: ["the disk quota is used up", "make room"],
  EFBIG: ["the file would be larger than the limit for files", "raise the limit (ulimit -f) or write elsewhere"],
  EACCES: ["no permission to write in this folder", "change the folder's permissions or write elsewhere"],
  EPERM: ["no permission to write in this folder", "change the folder's permissions or write elsewhere"],
  EROFS: ["the disk is read-only", "write elsewhere"],
  ENOENT: ["the folder does not exist", "make it first"],
  ENOTDIR: ["a part of the path is a file, not a folder", "write elsewhere"],
  EISDIR: ["a folder has this name", "remove it or use another name"],
};

function asInputError(error: unknown, file: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (!code || !syscall) return error; // not the disk: the one who makes the pieces failed
  const [problem, fix] = failures[code] ?? [`cannot be written (${code})`, "check the disk"];
  return new InputError(problem, { file, fix });
}
