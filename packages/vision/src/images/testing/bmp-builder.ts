export interface BuiltBmp {
  width: number;
  /** negative: rows from the top */
  height: number;
  bits: number;
  /** the rows as they stand in the file, padded to four bytes */
  rows: Uint8Array;
  /** of the header that follows the file's own 14 bytes */
  headerBytes?: 12 | 40 | 108;
  compression?: number;
  /** three masks behind the header */
  masks?: readonly number[];
  /** colours of 3 (OS/2) or 4 bytes: blue, green, red */
  palette?: Uint8Array;
  colorsUsed?: number;
  /** where the header says that the pixels begin; else where they do */
  pixelsAt?: number;
}

/** A Windows or OS/2 bitmap, lies included. */
export function buildBmp(bmp: BuiltBmp): Buffer {
  const { width, height, bits, rows, headerBytes = 40, compression = 0, masks = [], palette = new Uint8Array(0), colorsUsed = 0 } = bmp;
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(headerBytes, 0);
  if (headerBytes === 12) for (const [i, value] of [width, height, 1, bits].entries()) header.writeUInt16LE(value, 4 + 2 * i);
  else {
    header.writeInt32LE(width, 4);
    header.writeInt32LE(height, 8);
    header.writeUInt16LE(1, 12);
    header.writeUInt16LE(bits, 14);
    header.writeUInt32LE(compression, 16);
    header.writeUInt32LE(colorsUsed, 32);
  }
  const behind = Buffer.alloc(headerBytes === 40 ? 4 * masks.length : 0);
  for (const [i, mask] of masks.entries()) {
    if (headerBytes === 40) behind.writeUInt32LE(mask, 4 * i);
    else header.writeUInt32LE(mask, 40 + 4 * i);
  }
  const file = Buffer.alloc(14);
  file.write("BM", "latin1");
  file.writeUInt32LE(bmp.pixelsAt ?? 14 + headerBytes + behind.length + palette.length, 10);
  return Buffer.concat([file, header, behind, palette, rows]);
}
