import { rename, rm, writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { InputError } from "@singleshot/base";
import sharp, { type Sharp } from "sharp";
import type { Picture } from "../sample.js";

const ENCODERS = new Map<string, (image: Sharp) => Sharp>([
  [".png", (image) => image.png()],
  [".jpg", (image) => image.jpeg({ quality: 92, chromaSubsampling: "4:4:4" })], // thin coloured lines stay sharp
  [".jpeg", (image) => image.jpeg({ quality: 92, chromaSubsampling: "4:4:4" })],
  [".webp", (image) => image.webp({ quality: 92 })],
]);

/** @throws InputError for a format that is not written */
export async function encodePicture(picture: Picture, extension: string): Promise<Buffer> {
  const encode = ENCODERS.get(extension.toLowerCase());
  if (!encode)
    throw new InputError(`pictures are not written as ${extension || "files without ending"}`, {
      fix: `use ${[...ENCODERS.keys()].join(", ")}`,
    });
  return encode(asSharp(picture)).toBuffer();
}

/** Writes a picture in the format of the file's ending; a file of that name is replaced in one instant or not at all. */
export async function writePicture(file: string, picture: Picture): Promise<void> {
  const bytes = await encodePicture(picture, extname(file));
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

export function asSharp({ data, width, height }: Picture): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}
