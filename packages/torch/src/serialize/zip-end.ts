import { damaged, dataView, uint64 } from "./bytes.js";
import type { InputFile } from "./input-file.js";

const END = 0x06054b50;
const LOCATOR_64 = 0x07064b50;
const END_64 = 0x06064b50;
const MAX_DIRECTORY_BYTES = 64 * 2 ** 20;

/** Where a zip archive's directory lies. The end record must be the last 22 bytes: nothing is searched for, so nothing can be hidden. */
export function locateDirectory(file: InputFile): { offset: number; size: number; entries: number } {
  const end = file.size >= 22 ? dataView(file.read(file.size - 22, 22)) : undefined;
  if (end?.getUint32(0, true) !== END || end.getUint16(20, true) !== 0)
    damaged("the zip archive has no end record: the file was cut off, or something was added to it");
  const [disk, directoryDisk, here, entries] = [4, 6, 8, 10].map((at) => end.getUint16(at, true)) as [number, number, number, number];
  if (disk !== 0 || directoryDisk !== 0 || here !== entries) damaged("the zip archive is one part of several");
  const short = { offset: end.getUint32(16, true), size: end.getUint32(12, true), entries };
  const long = locateDirectory64(file);
  const found = long?.directory ?? short;
  const endsAt = long?.at ?? file.size - 22;
  const agrees = (key: keyof typeof short, unset: number) => short[key] === found[key] || (long && short[key] === unset);
  if (!agrees("offset", 0xffffffff) || !agrees("size", 0xffffffff) || !agrees("entries", 0xffff))
    damaged("the two end records of the zip archive differ");
  if (found.offset + found.size !== endsAt) damaged("the zip archive's directory is not where its end record says");
  if (found.size > MAX_DIRECTORY_BYTES || found.size < found.entries * 46)
    damaged(`the zip archive claims ${found.entries} entries in ${found.size} bytes`);
  return found;
}

function locateDirectory64(file: InputFile) {
  const locator = file.size >= 22 + 20 + 56 ? dataView(file.read(file.size - 42, 20)) : undefined;
  if (locator?.getUint32(0, true) !== LOCATOR_64) return undefined;
  const at = uint64(locator, 8);
  if (at !== file.size - 42 - 56) damaged("the zip archive's 64-bit end record is not where it should be");
  const end = dataView(file.read(at, 56));
  if (end.getUint32(0, true) !== END_64 || uint64(end, 4) !== 44) damaged("the zip archive's 64-bit end record is unreadable");
  if (uint64(end, 16) !== 0 || uint64(end, 24) !== uint64(end, 32)) damaged("the zip archive is one part of several");
  return { at, directory: { offset: uint64(end, 48), size: uint64(end, 40), entries: uint64(end, 32) } };
}
