import * as zlib from "node:zlib";

type Crc32 = (bytes: Uint8Array, before?: number) => number;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** The checksum of zip files, one byte at a time: for a Node without `zlib.crc32` (it came with 20.15). */
export function crc32ByTable(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  for (let i = 0; i < bytes.length; i++) crc = TABLE[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

const step: Crc32 = (zlib as { crc32?: Crc32 }).crc32 ?? crc32ByTable;
const CHUNK = 2 ** 30; // zlib counts bytes in 32 bits

/** The checksum of zip files (CRC-32, ISO 3309). */
export function crc32(bytes: Uint8Array): number {
  let crc = 0;
  for (let at = 0; at < bytes.length; at += CHUNK) crc = step(bytes.subarray(at, at + CHUNK), crc);
  return crc;
}
