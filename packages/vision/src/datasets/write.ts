import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, rmdir } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { InputError } from "@singleshot/base";
import type { FormatName } from "./format-names.js";
import { formatCalled } from "./formats.js";
import { heldIn } from "./lost.js";
import { isFolder } from "./places.js";
import type { WrittenDataset } from "./writing/index.js";

/**
 * Writes a data set into a new folder, whole or not at all.
 *
 * @throws InputError when there is something in the folder already
 */
export async function writeDataset(out: string, dataset: WrittenDataset, format: FormatName): Promise<void> {
  requireFree(out);
  await mkdir(dirname(resolve(out)), { recursive: true });
  const temporary = await mkdtemp(`${resolve(out)}.tmp-`);
  try {
    await formatCalled(format).write(temporary, heldIn(dataset, format));
    if (existsSync(out)) await rmdir(out);
    await rename(temporary, out);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** @throws InputError when there is something in the folder, or when it lies in one of the data sets that are read */
export function requireFree(out: string, roots: readonly string[] = []): void {
  const isInside = (root: string) => !/^(\.\.|[a-z]:)/i.test(relative(resolve(root), resolve(out)));
  const around = roots.find(isInside);
  if (around !== undefined)
    throw new InputError(`${out} lies in the data set ${around}, whose files stay as they are`, { fix: "name another folder" });
  if (!existsSync(out)) return;
  if (!isFolder(out) || readdirSync(out).length > 0)
    throw new InputError("there is something in this place already", { file: out, fix: "name a new folder" });
}
