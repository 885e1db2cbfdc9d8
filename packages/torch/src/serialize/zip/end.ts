import { damaged, dataView, uint64 } from "../bytes.js";
import type { InputFile } from "../input-file.js";

const END = 0x06054b50;
const LOCATOR_64 = 0x07064b50;
const END_64 = 0x06064b50;
const MAX_ENTRIES = 100_000; // the headers of so many are read in less than a second
const MAX_DIRECTORY_BYTES = 2 ** 26;

interface Directory {
  offset: number;
  size: number;
  entries: number;
}

/** Where a zip archive's directory lies. The end record must be the last 22 bytes: nothing is searched for, so nothing can be hidden. */
export function locateDirectory(file: InputFile): Directory {
  const end = readEnd(file);
  const long = readEnd64(file);
  const { offset, size, entries } = long?.directory ?? end;
  if (long && !(same(end.offset, offset, 0xffffffff) && same(end.size, size, 0xffffffff) && same(end.entries, entries, 0xffff))) {
    damaged("the two end records of the zip archive differ");
  }
  if (offset + size !== (long?.at ?? file.size - 22)) damaged("the zip archive's directory is not where its end record says");
  if (entries > MAX_ENTRIES || size > MAX_DIRECTORY_BYTES || size < entries * 46)
    damaged(`the zip archive claims ${entries} entries in ${size} bytes`);
  return { offset, size, entries };
}

function readEnd(file: InputFile): Directory {
  const end = file.size >= 22 ? dataView(file.read(file.size - 22, 22)) : undefined;
  const commentLength = end?.getUint16(20, true);
  if (end?.getUint32(0, true) !== END || commentLength !== 0) {
    damaged("the zip archive has no end record: the file was cut off, or something was added to it");
  }
  const entries = end.getUint16(10, true);
  if (end.getUint32(4, true) !== 0 || end.getUint16(8, true) !== entries) damaged("the zip archive is one part of several");
  return { offset: end.getUint32(16, true), size: end.getUint32(12, true), entries };
}

/** The end record with 64-bit numbers, which PyTorch always writes. */
function readEnd64(file: InputFile): { at: number; directory: Directory } | undefined {
  const locator = file.size >= 22 + 20 + 56 ? dataView(file.read(file.size - 42, 20)) : undefined;
  if (locator?.getUint32(0, true) !== LOCATOR_64) return undefined;
  const at = uint64(locator, 8);
  if (at !== file.size - 42 - 56) damaged("the zip archive's 64-bit end record is not where it should be");
  const end = dataView(file.read(at, 56));
  if (end.getUint32(0, true) !== END_64 || uint64(end, 4) !== 44) damaged("the zip archive's 64-bit end record is unreadable");
  const entries = uint64(end, 32);
  if (uint64(end, 16) !== 0 || uint64(end, 24) !== entries) damaged("the zip archive is one part of several");
  return { at, directory: { offset: uint64(end, 48), size: uint64(end, 40), entries } };
}

/** A number that does not fit into the short record is all ones there. */
function same(short: number, long: number, unset: number): boolean {
  return short === long || short === unset;
}
