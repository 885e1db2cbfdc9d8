import { open } from "node:fs/promises";
import sharp from "sharp";

/** A picture's size without its pixels. */
export interface PictureInfo {
  format: string;
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
const FORMATS: [name: string, ...beginnings: string[]][] = [
  ["jpeg", "\u00ff\u00d8\u00ff"],
  ["png", "\u0089PNG\r\n\u001a\n"],
  ["gif", "GIF87a", "GIF89a"],
  ["webp", "RIFF....WEBP"],
  ["tiff", "II*\0", "MM\0*", "II+\0", "MM\0+"],
];

/** The raster format that these first bytes announce, if it is one that is read. */
export function sniffFormat(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.subarray(0, 16)).toString("latin1");
  const fits = (beginning: string) => [...beginning].every((byte, i) => byte === "." || byte === text[i]);
  return FORMATS.find(([, ...beginnings]) => beginnings.some(fits))?.[0];
}

/** @throws Error with one sentence, when the file is not a picture of a raster format within the limit */
export async function probePicture(file: string): Promise<PictureInfo> {
  const format = await requireRaster(file);
  const {
    width,
    height,
    orientation = 1,
  } = await sharp(file, { limitInputPixels: MAX_PIXELS })
    .metadata()
    .catch((error: Error) => {
      throw new Error(`not a readable ${format}: ${reasonOf(error)}`);
    });
  if (width * height > MAX_PIXELS) throw new Error(`${width} x ${height} pixels are more than ${MAX_PIXELS / 1e6} million`);
  const [uprightWidth, uprightHeight] = orientation >= 5 ? [height, width] : [width, height];
  return { format, width: uprightWidth, height: uprightHeight, storedWidth: width, storedHeight: height };
}

/** The format of the file by its first bytes. @throws Error with one sentence when it is none of those that are read */
export async function requireRaster(file: string): Promise<string> {
  const head = await readHead(file);
  if (head.length === 0) throw new Error("the file is empty");
  const format = sniffFormat(head);
  if (format === undefined) throw new Error(`not a picture of a format that is read (${FORMATS.map(([name]) => name).join(", ")})`);
  return format;
}

async function readHead(file: string): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** libvips' message in one line, without the file's name. */
export function reasonOf(error: Error): string {
  return error.message
    .split("\n")[0]!
    .replace(/^Input file (has|contains) /, "")
    .replace(/^[^:]*: (?=\w)/, "")
    .trim();
}
