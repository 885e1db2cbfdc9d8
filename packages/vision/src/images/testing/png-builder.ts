export type PngChunk = readonly [type: string, data: Uint8Array, crc?: number];

/** A PNG file of these chunks, each with its checksum or the one that is given. */
export function buildPng(chunks: readonly PngChunk[]): Buffer {
  const signature = Buffer.from("\u0089PNG\r\n\u001a\n", "latin1");
  return Buffer.concat([signature, ...chunks.map(chunkOf)]);
}

function chunkOf([type, data, crc]: PngChunk): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc ?? crc32(body));
  return Buffer.concat([length, body, check]);
}

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** The first chunk: RGB of 8 bits, unless told otherwise. */
export function pngHeader(width: number, height: number, [depth, colorType] = [8, 2]): PngChunk {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([depth!, colorType!], 8);
  return ["IHDR", data];
}

export const PNG_END: PngChunk = ["IEND", new Uint8Array(0)];
