import { damaged, decodeUtf8 } from "./bytes.js";
import { type InputFile, withFile } from "./input-file.js";
import { readSafetensorsMetadata } from "./safetensors/index.js";
import { type FileFormat, sniffFormat } from "./sniff.js";
import { readRecord, readZipDirectory } from "./zip/index.js";

const RECORD = "metadata.json";
const MAX_BYTES = 2 ** 24;

/** The record of a zip archive that holds texts beside a checkpoint's value. PyTorch reads the records that it knows and no others. */
export function metadataRecord(root: string, metadata: ReadonlyMap<string, string>): { name: string; bytes: Uint8Array }[] {
  if (metadata.size === 0) return [];
  return [{ name: `${root}/${RECORD}`, bytes: Buffer.from(JSON.stringify(Object.fromEntries(metadata))) }];
}

/** The texts that `save` or `saveSafetensors` wrote beside the tensors; mostly none where a file was written elsewhere. @throws InputError where they are damaged */
export const loadMetadata = (path: string): Map<string, string> => withFile(path, (file) => READERS[sniffFormat(file)](file));

const READERS: Record<FileFormat, (file: InputFile) => Map<string, string>> = {
  "pth-zip": readMetadata,
  "pth-legacy": () => new Map(),
  safetensors: readSafetensorsMetadata,
};

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
