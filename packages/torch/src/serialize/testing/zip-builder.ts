import { crc32 } from "../zip/index.js";

/** The numbers in a record's header. A test may lie about any of them. */
export interface HeaderFields {
  signature: number;
  flags: number;
  method: number;
  crc: number;
  stored: number;
  size: number;
  disk: number;
  offset: number;
  name: string | Uint8Array;
  extra: Uint8Array;
}

export interface BuiltRecord {
  name: string;
  bytes: Uint8Array;
  /** what the local header says other than the truth */
  local?: Partial<HeaderFields>;
  /** what the directory says other than the truth */
  entry?: Partial<HeaderFields>;
}

export interface EndFields {
  signature: number;
  disk: number;
  here: number;
  entries: number;
  size: number;
  offset: number;
  comment: number;
}

/** A plain zip archive, stored, without 64-bit records. */
export function buildZip(records: readonly BuiltRecord[], end: Partial<EndFields> = {}): Buffer {
  const parts: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, local, entry } of records) {
    const truth = { signature: 0, flags: 0, method: 0, crc: crc32(bytes), stored: bytes.length, size: bytes.length, disk: 0 };
    const fields: HeaderFields = { ...truth, offset: at, name, extra: new Uint8Array() };
    const head = localHeader({ ...fields, signature: 0x04034b50, ...local });
    parts.push(head, Buffer.from(bytes));
    entries.push(directoryEntry({ ...fields, signature: 0x02014b50, ...entry }));
    at += head.length + bytes.length;
  }
  const directory = Buffer.concat(entries);
  const count = records.length;
  return Buffer.concat([
    ...parts,
    directory,
    endRecord({ signature: 0x06054b50, disk: 0, here: count, entries: count, size: directory.length, offset: at, comment: 0, ...end }),
  ]);
}

export function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt16LE(value, 2 * i);
  return bytes;
}

export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, 4 * i);
  return bytes;
}

export function u64(...values: (number | bigint)[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [i, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), 8 * i);
  return bytes;
}

function localHeader({ signature, flags, method, crc, stored, size, name, extra }: HeaderFields): Buffer {
  const text = Buffer.from(name);
  return Buffer.concat([u32(signature), u16(20, flags, method, 0, 0), u32(crc, stored, size), u16(text.length, extra.length), text, extra]);
}

function directoryEntry({ signature, flags, method, crc, stored, size, disk, offset, name, extra }: HeaderFields): Buffer {
  const text = Buffer.from(name);
  const head = [u32(signature), u16(20, 20, flags, method, 0, 0), u32(crc, stored, size), u16(text.length, extra.length, 0, disk, 0)];
  return Buffer.concat([...head, u32(0, offset), text, extra]);
}

function endRecord({ signature, disk, here, entries, size, offset, comment }: EndFields): Buffer {
  return Buffer.concat([u32(signature), u16(disk, disk, here, entries), u32(size, offset), u16(comment)]);
}
