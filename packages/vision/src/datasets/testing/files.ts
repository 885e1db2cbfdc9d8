import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll } from "vitest";

/** A folder that is gone when the tests of the file have ended. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "singleshot-data-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Writes files, text or bytes, by their paths below a folder; gives the folder. */
export function writeFiles(root: string, files: Files): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** What must not change: path, time and content of every file. */
export function digest(root: string): string[] {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return `${path} ${statSync(path).mtimeMs} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
  });
}

/** A grey picture of 100 x 80 pixels. */
export const jpeg = await sharp({ create: { width: 100, height: 80, channels: 3, background: "#808080" } })
  .jpeg()
  .toBuffer();
export const png = await sharp(jpeg).png().toBuffer();
/** Stored as 100 x 80, shown as 80 x 100. */
export const turned = await sharp(jpeg).withMetadata({ orientation: 6 }).toBuffer();
