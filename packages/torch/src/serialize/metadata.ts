import { damaged, decodeUtf8 } from "./bytes.js";
import { type InputFile, withFile } from "./input-file.js";
import { sniffFormat } from "./sniff.js";
import { readRecord, readZipDirectory } from "./zip/index.js";

const RECORD = "metadata.json";
const MAX_BYTES = 2 ** 24;

/** The record of a zip archive that holds texts beside a checkpoint's value. PyTorch reads the records that it knows and no others. */
export function metadataRecord(root: string, metadata: ReadonlyMap<string, string>): { name: string; bytes: Uint8Array }[] {
  if (metadata.size === 0) return [];
  return [{ name: `${root}/${RECORD}`, bytes: Buffer.from(JSON.stringify(Object.fromEntries(metadata))) }];
}

/** The texts that `save` wrote beside a checkpoint's value; none where the file was written elsewhere. @throws InputError where they are damaged */
export const loadMetadata = (path: string): Map<string, string> =>
  withFile(path, (file) => (sniffFormat(file) === "pth-zip" ? readMetadata(file) : new Map()));

export function readMetadata(file: InputFile): Map<string, string> {
  const record = [...readZipDirectory(file).values()].find(({ name }) => name.endsWith(`/${RECORD}`));
  if (!record) return new Map();
  if (record.size > MAX_BYTES) damaged(`its metadata have ${record.size} bytes, ${MAX_BYTES} are the limit`);
  const entries = Object.entries(parse(decodeUtf8(readRecord(file, record), "the metadata")));
  if (entries.some(([, text]) => typeof text !== "string")) damaged("its metadata are not texts");
  return new Map(entries);
}

function parse(text: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, string>;
  } catch {
    // said below
  }
  return damaged("its metadata are not JSON");
}
