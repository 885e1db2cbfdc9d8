import { InputError } from "@singleshot/base";
import { damaged, quote } from "./bytes.js";
import type { InputFile } from "./input-file.js";
import { type CheckpointValue, checkValue, MAX_PICKLE_BYTES, readPickle, storageLoader } from "./pickle/index.js";
import { readRecord, readZipDirectory, type ZipRecord } from "./zip/index.js";

/**
 * Reads a checkpoint in the zip format (PyTorch 1.6 and later). Each storage is read once, into a buffer of its own, when the pickle first
 * asks for it, and its CRC-32 is compared.
 *
 * @param warn called when the archive was written without checksums
 */
export function readZipCheckpoint(file: InputFile, warn: (message: string) => void): CheckpointValue {
  const records = readZipDirectory(file);
  const root = rootFolder(records);
  const checkCrc = [...records.values()].some(({ crc }) => crc !== 0);
  if (!checkCrc) warn(`${file.path} was written without checksums: damage to it cannot be noticed`);
  const read = (name: string, limit = Number.POSITIVE_INFINITY): Uint8Array => {
    const record = records.get(`${root}/${name}`);
    if (!record) damaged(`the archive has no record ${quote(`${root}/${name}`)}`);
    if (record.size > limit) damaged(`record ${quote(record.name)} has ${record.size} bytes, ${limit} are the limit`);
    return readRecord(file, record, { checkCrc });
  };
  checkByteOrder(records.has(`${root}/byteorder`) ? read("byteorder", 16) : undefined);
  const pickle = read("data.pkl", MAX_PICKLE_BYTES);
  const bytesOf = (key: string, byteLength: number) => {
    const bytes = read(`data/${key}`);
    if (bytes.length !== byteLength) damaged(`storage ${quote(key)} is said to have ${byteLength} bytes, its record has ${bytes.length}`);
    return bytes;
  };
  const { value, end } = readPickle(pickle, 0, storageLoader(new Map(), bytesOf));
  if (end !== pickle.length) damaged(`${pickle.length - end} bytes follow the end of the pickle`);
  return checkValue(value, { pickleBytes: pickle.length, fileBytes: file.size });
}

/** The one folder that holds all records; it is called after the file that was saved, or `archive`. */
function rootFolder(records: Map<string, ZipRecord>): string {
  const folders = [...records.keys()].filter((name) => name.endsWith("/data.pkl")).map((name) => name.slice(0, -"/data.pkl".length));
  const [root, ...others] = folders;
  if (root === undefined || others.length > 0) damaged(`the archive has ${folders.length} records called data.pkl: it is not a checkpoint`);
  if (records.has(`${root}/constants.pkl`)) {
    const fix = "save its weights in Python: torch.save(torch.jit.load(file).state_dict(), other)";
    throw new InputError("a TorchScript program, not a checkpoint", { fix });
  }
  return root;
}

function checkByteOrder(bytes: Uint8Array | undefined): void {
  const order = bytes ? Buffer.from(bytes).toString("latin1") : "little"; // PyTorch 1.13 does not say
  if (order !== "little") throw new InputError(`the byte order is ${quote(order)}; only little-endian files are read`);
}
