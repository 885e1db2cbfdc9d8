import { InputError } from "@singleshot/base";
import { damaged, dataView, decodeUtf8, quote, uint64 } from "../bytes.js";
import type { InputFile } from "../input-file.js";

/** What the directory of a zip archive says of one record. */
export interface ZipEntry {
  name: string;
  size: number;
  crc: number;
  flags: number;
  headerOffset: number;
}

const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const LEFT_TO_DIRECTORY = 0x0008; // flag: the local header may say 0 for crc and sizes
const FLAGS_ALLOWED = LEFT_TO_DIRECTORY | 0x0800; // names are UTF-8

/** Reads the directory's entry at a place. */
export function readEntry(bytes: Uint8Array, at: number): { record: ZipEntry; length: number } {
  if (at + 46 > bytes.length) damaged("the zip directory ends in the middle of an entry");
  const entry = dataView(bytes.subarray(at));
  const [nameLength, extraLength] = [entry.getUint16(28, true), entry.getUint16(30, true)];
  const length = 46 + nameLength + extraLength + entry.getUint16(32, true);
  const disk = entry.getUint16(34, true);
  if (entry.getUint32(0, true) !== ENTRY || at + length > bytes.length || disk !== 0) damaged("the zip directory has an unreadable entry");
  const name = decodeUtf8(bytes.subarray(at + 46, at + 46 + nameLength), "a record's name");
  const flags = entry.getUint16(8, true);
  if (entry.getUint16(10, true) !== 0 || (flags & ~FLAGS_ALLOWED) !== 0) {
    const fix = "PyTorch stores records as they are: unpack the archive and save the checkpoint with torch.save again";
    throw new InputError(`record ${quote(name)} is compressed or encrypted`, { fix });
  }
  const extra = bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
  const numbers = [24, 20, 42].map((place) => entry.getUint32(place, true));
  const [size, stored, headerOffset] = widen(numbers, extra, name) as [number, number, number];
  if (size !== stored) damaged(`record ${quote(name)} has two sizes`);
  return { record: { name, size, crc: entry.getUint32(16, true), flags, headerOffset }, length };
}

/** The local header must tell the same as the directory. @returns where the record's bytes begin */
export function checkLocalHeader(file: InputFile, record: ZipEntry, end: number): number {
  const quoted = quote(record.name);
  if (record.headerOffset + 30 > end) damaged(`record ${quoted} begins past the end of the archive`);
  const header = dataView(file.read(record.headerOffset, 30));
  const [nameLength, extraLength] = [header.getUint16(26, true), header.getUint16(28, true)];
  const offset = record.headerOffset + 30 + nameLength + extraLength;
  if (header.getUint32(0, true) !== LOCAL || offset + record.size > end)
    damaged(`record ${quoted} is not where the directory says, or reaches too far`);
  const rest = file.read(record.headerOffset + 30, nameLength + extraLength);
  const sizes = widen([header.getUint32(22, true), header.getUint32(18, true)], rest.subarray(nameLength), record.name);
  const told = [header.getUint32(14, true), ...sizes];
  const same = told.every((value, i) => value === (i === 0 ? record.crc : record.size));
  const leftToDirectory = (record.flags & LEFT_TO_DIRECTORY) !== 0 && told.every((value) => value === 0);
  const kind = header.getUint16(6, true) === record.flags && header.getUint16(8, true) === 0;
  if (decodeUtf8(rest.subarray(0, nameLength), "a record's name") !== record.name || !kind || !(same || leftToDirectory)) {
    damaged(`the local header of record ${quoted} and the directory disagree`);
  }
  return offset;
}

/** Numbers too long for 32 bits stand, in this order, in the extra field with id 1. */
function widen(values: number[], extra: Uint8Array, name: string): number[] {
  if (!values.includes(0xffffffff)) return values;
  const field = extraField(extra, 1);
  let at = 0;
  return values.map((value) => {
    if (value !== 0xffffffff) return value;
    if (!field || at + 8 > field.length) damaged(`record ${quote(name)} lacks its 64-bit sizes`);
    at += 8;
    return uint64(dataView(field), at - 8);
  });
}

function extraField(extra: Uint8Array, wanted: number): Uint8Array | undefined {
  for (let at = 0; at + 4 <= extra.length; ) {
    const [id, length] = [extra[at]! | (extra[at + 1]! << 8), extra[at + 2]! | (extra[at + 3]! << 8)];
    if (id === wanted && at + 4 + length <= extra.length) return extra.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return undefined;
}
