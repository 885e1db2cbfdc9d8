import { crc32 } from "./crc32.js";

const ALIGNMENT = 64; // of every record's bytes in the file, as PyTorch does it for memory mapping
const UTF8 = 0x0800;
const IN_EXTRA = 0xffffffff; // the number stands in the 64-bit extra field

/**
 * A zip archive as a stream of pieces: stored, each record at a multiple of 64 bytes, with its CRC-32. Sizes and places are always written in 64
 * bits, so that files beyond 4 GB are no case of their own.
 */
export function* zipArchive(records: Iterable<{ name: string; bytes: Uint8Array }>): Generator<Uint8Array> {
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes } of records) {
    const record = { name: Buffer.from(name), crc: crc32(bytes), size: bytes.length, at };
    const header = localHeader(record);
    yield header;
    yield bytes;
    directory.push(directoryEntry(record));
    at += header.length + bytes.length;
  }
  const entries = Buffer.concat(directory);
  yield entries;
  yield endRecords(directory.length, entries.length, at);
}

interface WrittenRecord {
  name: Buffer;
  crc: number;
  size: number;
  /** of its local header, from the beginning of the file */
  at: number;
}

function localHeader({ name, crc, size, at }: WrittenRecord): Buffer {
  const sizes = Buffer.concat([uint(2, 1, 16), uint(8, size, size)]);
  const start = at + 30 + name.length + sizes.length + 4;
  const padding = Buffer.alloc((ALIGNMENT - (start % ALIGNMENT)) % ALIGNMENT);
  const extra = Buffer.concat([sizes, Buffer.from("FB"), uint(2, padding.length), padding]);
  const fixed = [uint(4, 0x04034b50), uint(2, 45, UTF8, 0, 0, 0), uint(4, crc, IN_EXTRA, IN_EXTRA), uint(2, name.length, extra.length)];
  return Buffer.concat([...fixed, name, extra]);
}

function directoryEntry({ name, crc, size, at }: WrittenRecord): Buffer {
  const extra = Buffer.concat([uint(2, 1, 24), uint(8, size, size, at)]);
  const fixed = [uint(4, 0x02014b50), uint(2, 45, 45, UTF8, 0, 0, 0), uint(4, crc, IN_EXTRA, IN_EXTRA), uint(2, name.length, extra.length)];
  return Buffer.concat([...fixed, uint(2, 0, 0, 0), uint(4, 0, IN_EXTRA), name, extra]);
}

function endRecords(count: number, size: number, at: number): Buffer {
  return Buffer.concat([
    ...[uint(4, 0x06064b50), uint(8, 44), uint(2, 45, 45), uint(4, 0, 0), uint(8, count, count, size, at)],
    ...[uint(4, 0x07064b50, 0), uint(8, at + size), uint(4, 1)],
    ...[uint(4, 0x06054b50), uint(2, 0, 0, Math.min(count, 0xffff), Math.min(count, 0xffff))],
    ...[uint(4, Math.min(size, IN_EXTRA), Math.min(at, IN_EXTRA)), uint(2, 0)],
  ]);
}

/** Little-endian numbers of `width` bytes. */
function uint(width: 2 | 4 | 8, ...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * width);
  values.forEach((value, i) => {
    if (width === 8) bytes.writeBigUInt64LE(BigInt(value), i * 8);
    else bytes.writeUIntLE(value, i * width, width);
  });
  return bytes;
}
