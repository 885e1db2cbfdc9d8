import { isUtf8 } from "node:buffer";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { InputError } from "@singleshot/vision";
import { glob, isDynamicPattern } from "tinyglobby";

const ENDINGS = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp"];

export interface FoundPictures extends Disposable {
  /** in the order given, each once */
  files: string[];
  /** what the user knows a file as */
  nameOf(file: string): string;
}

/**
 * The picture files that arguments name: files, all pictures of a folder, a glob's, or what comes by standard input (`-`): names line by
 * line, or one picture, which lies in a temporary file until the result is disposed.
 *
 * @throws InputError for one that names nothing
 */
export async function findPictures(sources: readonly string[], input: NodeJS.ReadableStream = process.stdin): Promise<FoundPictures> {
  const given = sources.includes("-") ? await readInput(input) : { files: [] };
  const found: string[] = [];
  for (const source of sources) found.push(...(source === "-" ? given.files : await filesOf(source)));
  const byPlace = new Map(found.map((file) => [resolve(file), file]));
  const { folder } = given;
  return {
    files: [...byPlace.values()],
    nameOf: (file) => (folder !== undefined && file.startsWith(folder) ? "-" : file),
    [Symbol.dispose]: () => folder !== undefined && rmSync(folder, { recursive: true, force: true }),
  };
}

async function filesOf(source: string): Promise<string[]> {
  const stats = statSync(source, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return nonEmpty(source, picturesOf(source));
  if (stats) return [source];
  if (!isDynamicPattern(source)) throw new InputError("no such picture or folder", { file: source });
  const matches = await glob(source, { expandDirectories: false, absolute: source.startsWith("/") });
  return nonEmpty(source, matches.filter(isPicture).sort());
}

const isPicture = (file: string) => ENDINGS.includes(extname(file).toLowerCase());
const picturesOf = (folder: string) =>
  readdirSync(folder)
    .filter(isPicture)
    .sort()
    .map((name) => join(folder, name));

function nonEmpty(source: string, files: string[]): string[] {
  if (files.length > 0) return files;
  throw new InputError("no picture there", { file: source, fix: `pictures end in ${ENDINGS.join(", ")}` });
}

async function readInput(input: NodeJS.ReadableStream): Promise<{ files: string[]; folder?: string }> {
  const bytes = await buffer(input);
  if (bytes.length === 0)
    throw new InputError("standard input is empty", { file: "-", fix: "pipe a picture or names of pictures into it" });
  const isText = isUtf8(bytes) && !bytes.includes(0);
  if (isText) return { files: bytes.toString().split(/\r?\n/).filter(Boolean) };
  const folder = mkdtempSync(join(tmpdir(), "singleshot-"));
  const file = join(folder, "stdin");
  writeFileSync(file, bytes);
  return { files: [file], folder };
}
