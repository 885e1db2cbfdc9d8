import { open, stat } from "node:fs/promises";
import sharp, { type Sharp } from "sharp";
import { BMP_HEAD_BYTES, bmpSize, decodeBmp } from "./bmp.js";
import { asSharp } from "./encode.js";

/** A picture's size without its pixels. */
export interface PictureInfo {
  /** upright: EXIF orientation applied */
  width: number;
  height: number;
  /** as stored */
  storedWidth: number;
  storedHeight: number;
}

/** More pixels are refused: such a picture of 1 MB may take gigabytes once decoded. */
export const MAX_PIXELS = 120_000_000;

/** How raster formats begin (`.` is any byte). What does not is refused, whatever its name: an SVG named .jpg may fetch files. */
const FORMATS: [name: PictureFormat, ...beginnings: string[]][] = [
  ["jpeg", "\u00ff\u00d8\u00ff"],
  ["png", "\u0089PNG\r\n\u001a\n"],
  ["gif", "GIF87a", "GIF89a"],
  ["webp", "RIFF....WEBP"],
  ["tiff", "II*\0", "MM\0*", "II+\0", "MM\0+"],
  ["bmp", "BM"],
];

export type PictureFormat = "jpeg" | "png" | "gif" | "webp" | "tiff" | "bmp";

/** Reads the header of a picture file or of its content. @throws Error with one sentence when it is no picture that can be read */
export async function probePicture(source: string | Uint8Array): Promise<PictureInfo> {
  const head = typeof source === "string" ? await readHead(source) : source;
  const isBmp = formatOf(head) === "bmp";
  const { width, height, orientation = 1 } = isBmp ? bmpSize(head) : await withReason(sharp(source, SETTINGS).metadata());
  const [uprightWidth, uprightHeight] = orientation >= 5 ? [height, width] : [width, height];
  return { width: uprightWidth, height: uprightHeight, storedWidth: width, storedHeight: height };
}

/** A pipe would keep its reader waiting for ever. @throws Error with one sentence */
export async function requireFile(file: string): Promise<void> {
  if (!(await stat(file)).isFile()) throw new Error("not a file");
}

/** What a decoder has to guess is an error, not grey pixels. */
const SETTINGS = { failOn: "warning", limitInputPixels: MAX_PIXELS } as const;

/** Not decoded yet, but for bitmaps. @throws Error with one sentence */
export function openPicture(bytes: Uint8Array): Sharp {
  return formatOf(bytes) === "bmp" ? asSharp(decodeBmp(bytes, MAX_PIXELS)) : sharp(bytes, SETTINGS);
}

/** @throws Error with one sentence unless the first bytes announce a raster format that is read */
export function formatOf(head: Uint8Array): PictureFormat {
  if (head.length === 0) throw new Error("the file is empty");
  const text = Buffer.from(head.subarray(0, 16)).toString("latin1");
  const fits = (beginning: string) => [...beginning].every((byte, i) => byte === "." || byte === text[i]);
  const format = FORMATS.find(([, ...beginnings]) => beginnings.some(fits));
  if (format) return format[0];
  throw new Error(`not a picture of a format that is read (${FORMATS.map(([name]) => name).join(", ")})`);
}

async function readHead(file: string): Promise<Uint8Array> {
  await requireFile(file);
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(BMP_HEAD_BYTES), 0, BMP_HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Turns libvips' message into one sentence. */
export async function withReason<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: Error) => {
    const reason = error.message
      .split("\n")[0]!
      .replace(/^.*?: (?=\S)/, "")
      .trim();
    throw new Error(`the picture cannot be decoded: ${reason}`);
  });
}
