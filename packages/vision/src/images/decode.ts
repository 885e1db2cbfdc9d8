import { readFile } from "node:fs/promises";
import type { DatasetEntry } from "../datasets/index.js";
import { InputError } from "../errors.js";
import type { Picture, Sample } from "../sample.js";
import { type Size, scaleBoxes } from "../transforms/index.js";
import { openPicture, requireRaster, withReason } from "./probe.js";

/**
 * Reads a picture: upright (EXIF orientation applied), grey values as RGB, alpha dropped, 8 bits.
 *
 * @param size when given, the picture is decoded straight to this size (aspect not kept, antialiased), never held in its own
 * @throws InputError that names the file
 */
export async function decodePicture(file: string, { size }: { size?: Size } = {}): Promise<Picture> {
  try {
    return await decodeBytes(await readFile(file), { ...(size && { size }) });
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    throw new InputError(code === "ENOENT" ? "no such file" : message, { file });
  }
}

/** The same from a file's content. @throws Error with one sentence */
export async function decodeBytes(bytes: Uint8Array, { size }: { size?: Size } = {}): Promise<Picture> {
  requireRaster(bytes);
  const upright = openPicture(bytes).autoOrient();
  const sized = size ? upright.resize({ ...size, fit: "fill", kernel: "linear" }) : upright;
  const pixels = sized.removeAlpha().toColourspace("srgb").raw();
  const { data, info } = await withReason(pixels.toBuffer({ resolveWithObject: true }));
  const rgb = new Uint8Array(data.buffer, data.byteOffset, data.length);
  return { data: info.channels === 3 ? rgb : spread(rgb, info.channels), width: info.width, height: info.height };
}

/** Grey to red, green and blue. */
function spread(data: Uint8Array, channels: number): Uint8Array {
  return Uint8Array.from({ length: (3 * data.length) / channels }, (_, i) => data[channels * Math.floor(i / 3)]!);
}

/**
 * Decodes the picture of an entry; boxes follow when a size is asked for.
 *
 * @throws InputError that names the file: not readable, or no longer as large as when the data set was read
 */
export async function loadSample(entry: DatasetEntry, { size }: { size?: Size } = {}): Promise<Sample> {
  const { id, imageFile: source, labels, flags } = entry;
  const image = await decodePicture(source, { ...(size && { size }) });
  const expected = size ?? entry;
  if (image.width !== expected.width || image.height !== expected.height) {
    throw new InputError(`the picture has ${image.width} x ${image.height} pixels, not ${entry.width} x ${entry.height} as before`, {
      file: source,
    });
  }
  return { image, boxes: size ? scaleBoxes(entry.boxes, entry, size) : entry.boxes, labels, flags, id, source };
}
