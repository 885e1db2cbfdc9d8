import { readFile } from "node:fs/promises";
import { InputError } from "@singleshot/base";
import type { DatasetEntry } from "../datasets/index.js";
import type { Picture, Sample } from "../sample.js";
import { type Shrink, type Size, scaleBoxes, shrunkSize } from "../transforms/index.js";
import { formatOf, openPicture, probePicture, requireFile, withReason } from "./probe.js";

export interface DecodeOptions {
  /** the picture is decoded straight to this size (aspect not kept, antialiased), never held in its own */
  size?: Size;
  /** JPEG is decoded to such a part of each side, at a fraction of time and memory; what is no JPEG, whole */
  shrink?: Shrink;
  /** the whole picture's size; another is an error */
  expected?: Size;
  /** reading or decoding that takes longer is an error: a disk or a decoder that hangs must not hang the program */
  limitMs?: number;
}

/** A hundred megapixels over a slow network are there by then. */
const PATIENCE_MS = 60_000;

/**
 * Reads a picture: upright (EXIF orientation applied), grey values as RGB, alpha dropped, 8 bits.
 *
 * @throws InputError that names the file
 */
export async function decodePicture(file: string, { limitMs = PATIENCE_MS, ...options }: DecodeOptions = {}): Promise<Picture> {
  try {
    return await withLimit(readAndDecode(file, { ...options, limitMs }), limitMs);
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    throw new InputError(code === "ENOENT" ? "no such file" : message, { file });
  }
}

async function readAndDecode(file: string, options: DecodeOptions): Promise<Picture> {
  await requireFile(file);
  return decodeBytes(await readFile(file), options);
}

/** The same from a file's content. @throws Error with one sentence */
export async function decodeBytes(bytes: Uint8Array, { size, shrink = 1, expected, limitMs }: DecodeOptions = {}): Promise<Picture> {
  const reduced = size ?? (formatOf(bytes) === "jpeg" && shrink > 1 ? await reducedSize(bytes, shrink, expected) : undefined);
  const upright = openPicture(bytes).autoOrient();
  const sized = reduced ? upright.resize({ width: reduced.width, height: reduced.height, fit: "fill", kernel: "linear" }) : upright;
  const pixels = sized.removeAlpha().toColourspace("srgb").raw();
  if (limitMs !== undefined) pixels.timeout({ seconds: Math.ceil(limitMs / 1000) }); // gives the thread back, too
  const { data, info } = await withReason(pixels.toBuffer({ resolveWithObject: true }));
  if (!reduced && expected) requireSize(info, expected);
  const rgb = new Uint8Array(data.buffer, data.byteOffset, data.length);
  return { data: info.channels === 3 ? rgb : spread(rgb, info.channels), width: info.width, height: info.height };
}

async function reducedSize(bytes: Uint8Array, shrink: Shrink, expected: Size | undefined): Promise<Size> {
  const whole = await probePicture(bytes);
  if (expected) requireSize(whole, expected);
  return shrunkSize(whole, shrink);
}

function requireSize(found: Size, expected: Size): void {
  if (found.width === expected.width && found.height === expected.height) return;
  throw new Error(`the picture has ${found.width} x ${found.height} pixels, not ${expected.width} x ${expected.height} as before`);
}

/** What takes longer goes on unheard. */
async function withLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`reading the picture takes longer than ${limitMs / 1000} s: does its disk or network drive answer?`)),
      limitMs,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
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
  const image = await decodePicture(source, { expected: entry, ...(size && { size }) });
  return { image, boxes: size ? scaleBoxes(entry.boxes, entry, size) : entry.boxes, labels, flags, id, source };
}
