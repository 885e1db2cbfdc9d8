import type { Picture } from "../sample.js";

/** What the head of a Windows bitmap says, checked. Offsets are in bytes of the file. */
interface BmpHeader {
  width: number;
  height: number;
  /** rows run from the top; else from the bottom */
  topDown: boolean;
  bits: number;
  /** of red, green and blue in a pixel of 16 or 32 bits */
  masks: readonly [red: number, green: number, blue: number];
  palette: { at: number; count: number; entryBytes: number };
  pixels: number;
  rowBytes: number;
}

/** So many bytes are enough for `bmpSize`. */
export const BMP_HEAD_BYTES = 66;

const CORE = 12; // OS/2's header; all others begin as Windows' of 40 bytes
const HEADERS = [CORE, 40, 52, 56, 64, 108, 124];
const [PLAIN, BIT_FIELDS, ALPHA_BIT_FIELDS] = [0, 3, 6];
const COMPRESSED = new Map([
  [1, "run-length coding"],
  [2, "run-length coding"],
  [4, "JPEG inside"],
  [5, "PNG inside"],
]);

const failure = (reason: string) => new Error(`the picture cannot be decoded: ${reason}`);

/** Width and height from the first `BMP_HEAD_BYTES` bytes. @throws Error with one sentence */
export function bmpSize(head: Uint8Array): { width: number; height: number; orientation?: undefined } {
  const { width, height } = readHeader(head);
  return { width, height };
}

/**
 * Decodes a Windows bitmap, which libvips cannot read: 1 to 32 bits a pixel, with palette or masks, without compression; alpha is
 * dropped.
 *
 * @throws Error with one sentence
 */
export function decodeBmp(bytes: Uint8Array, maxPixels: number): Picture {
  const header = readHeader(bytes);
  const { width, height, topDown, rowBytes, pixels } = header;
  if (width * height > maxPixels) throw failure(`${width} x ${height} exceeds the pixel limit`);
  if (pixels + rowBytes * height > bytes.length) throw failure("it is cut off");
  const data = new Uint8Array(3 * width * height);
  const readRow = header.bits <= 8 ? paletteReader(bytes, header) : header.bits === 24 ? readBgr : maskReader(header);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let y = 0; y < height; y++) {
    const line = data.subarray(3 * width * y, 3 * width * (y + 1));
    readRow(view, pixels + rowBytes * (topDown ? y : height - 1 - y), line);
  }
  return { data, width, height };
}

type RowReader = (view: DataView, at: number, line: Uint8Array) => void;

function readHeader(bytes: Uint8Array): BmpHeader {
  if (bytes.length < 26) throw failure("it is cut off");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = view.getUint32(14, true);
  if (!HEADERS.includes(size)) throw failure(`its header of ${size} bytes is unknown`);
  if (bytes.length < Math.min(14 + size, BMP_HEAD_BYTES)) throw failure("it is cut off");
  const core = size === CORE;
  const [width, rows] = core ? [view.getUint16(18, true), view.getUint16(20, true)] : [view.getInt32(18, true), view.getInt32(22, true)];
  const bits = view.getUint16(core ? 24 : 28, true);
  const compression = core ? PLAIN : view.getUint32(30, true);
  const used = core ? 0 : view.getUint32(46, true);
  const height = Math.abs(rows);
  requireReadable({ width, height, bits, compression, used });
  return {
    ...{ width, height, topDown: rows < 0, bits },
    masks: masksOf(view, bits, compression),
    palette: { at: 14 + size, count: used || 2 ** Math.min(bits, 8), entryBytes: core ? 3 : 4 },
    pixels: view.getUint32(10, true),
    rowBytes: 4 * Math.ceil((width * bits) / 32),
  };
}

function requireReadable({ width, height, bits, compression, used }: { width: number; height: number } & Record<string, number>): void {
  if (width <= 0 || height === 0) throw failure(`it says that it has ${width} x ${height} pixels`);
  if (![1, 4, 8, 16, 24, 32].includes(bits!)) throw failure(`${bits} bits a pixel are not read`);
  const packed = COMPRESSED.get(compression!);
  if (packed) throw failure(`bitmaps with ${packed} are not read`);
  const masked = compression === BIT_FIELDS || compression === ALPHA_BIT_FIELDS;
  if (compression !== PLAIN && !(masked && (bits === 16 || bits === 32))) throw failure(`compression ${compression} is unknown`);
  if (used! > 256) throw failure(`its palette has ${used} colours`);
}

function masksOf(view: DataView, bits: number, compression: number): BmpHeader["masks"] {
  if (compression === PLAIN) return bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff];
  const masks = [54, 58, 62].map((at) => view.getUint32(at, true)) as [number, number, number];
  if (masks.includes(0)) throw failure("a colour has no bits");
  return masks;
}

function paletteReader(bytes: Uint8Array, { bits, palette: { at, count, entryBytes } }: BmpHeader): RowReader {
  if (at + count * entryBytes > bytes.length) throw failure("it is cut off");
  const perByte = 8 / bits;
  return (view, start, line) => {
    for (let x = 0; 3 * x < line.length; x++) {
      const shift = 8 - bits * ((x % perByte) + 1);
      const index = (view.getUint8(start + Math.floor(x / perByte)) >> shift) & (2 ** bits - 1);
      if (index >= count) throw failure("a pixel has a colour that is not in the palette");
      const color = at + index * entryBytes;
      for (let channel = 0; channel < 3; channel++) line[3 * x + channel] = bytes[color + 2 - channel]!;
    }
  };
}

function readBgr(view: DataView, start: number, line: Uint8Array): void {
  for (let i = 0; i < line.length; i += 3) {
    line[i] = view.getUint8(start + i + 2);
    line[i + 1] = view.getUint8(start + i + 1);
    line[i + 2] = view.getUint8(start + i);
  }
}

function maskReader({ bits, masks }: BmpHeader): RowReader {
  const channels = masks.map((mask) => {
    const shift = 31 - Math.clz32(mask & -mask);
    return { shift, most: mask >>> shift };
  });
  const bytesAPixel = bits / 8;
  return (view, start, line) => {
    for (let x = 0, i = 0; i < line.length; x++) {
      const at = start + x * bytesAPixel;
      const value = bits === 16 ? view.getUint16(at, true) : view.getUint32(at, true);
      for (const { shift, most } of channels) line[i++] = Math.round((255 * ((value >>> shift) & most)) / most);
    }
  };
}
