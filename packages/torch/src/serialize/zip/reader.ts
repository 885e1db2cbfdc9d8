import { damaged, quote } from "../bytes.js";
import type { InputFile } from "../input-file.js";
import { crc32 } from "./crc32.js";
import { locateDirectory } from "./end.js";
import { checkLocalHeader, readEntry, type ZipEntry } from "./entry.js";

/** One uncompressed file in a zip archive. */
export interface ZipRecord extends ZipEntry {
  /** where its bytes begin */
  offset: number;
}

/**
 * The directory of a zip archive as PyTorch writes it: stored, in one piece, ended by the directory, 64-bit or not.
 *
 * Own code and not a library, since a checkpoint may not be compressed: what remains is a list of names and places, and libraries are lenient
 * just where we must not be. Refused are compressed or encrypted records, two of one name, overlaps, anything before or after that the
 * directory does not know of, and a local header that tells another story than the directory.
 */
export function readZipDirectory(file: InputFile): Map<string, ZipRecord> {
  const directory = locateDirectory(file);
  const records = new Map<string, ZipRecord>();
  const bytes = file.read(directory.offset, directory.size);
  let at = 0;
  for (let i = 0; i < directory.entries; i++) {
    const { record, length } = readEntry(bytes, at);
    if (records.has(record.name)) damaged(`two records are called ${quote(record.name)}`);
    records.set(record.name, { ...record, offset: checkLocalHeader(file, record, directory.offset) });
    at += length;
  }
  if (at !== bytes.length) damaged(`the zip directory has ${bytes.length} bytes, ${directory.entries} entries fill ${at}`);
  checkOverlaps([...records.values()], directory.offset);
  return records;
}

/** The bytes of a record. @param checkCrc false for archives written without checksums */
export function readRecord(file: InputFile, record: ZipRecord, { checkCrc = true } = {}): Uint8Array {
  const bytes = file.read(record.offset, record.size);
  const crc = checkCrc ? crc32(bytes) : record.crc;
  if (crc !== record.crc) damaged(`record ${quote(record.name)} does not have the CRC-32 it was written with (bit rot?)`);
  return bytes;
}

function checkOverlaps(records: ZipRecord[], end: number): void {
  records.sort((a, b) => a.headerOffset - b.headerOffset);
  records.forEach(({ name, offset, size }, i) => {
    if (offset + size > (records[i + 1]?.headerOffset ?? end)) damaged(`record ${quote(name)} overlaps the next one`);
  });
}
