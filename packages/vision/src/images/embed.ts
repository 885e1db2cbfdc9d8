import type { Picture } from "../sample.js";
import { asSharp } from "./encode.js";

/** A picture inside of a page. */
export interface EmbeddedPicture {
  /** `data:image/webp;base64,…` */
  uri: string;
  width: number;
  height: number;
}

/** A small copy of a picture as text, for pages that must stand alone. Larger ones are made to fit into a square. */
export async function embedPicture(
  picture: Picture,
  { maxSidePx = 640, quality = 72 }: { maxSidePx?: number; quality?: number } = {},
): Promise<EmbeddedPicture> {
  const resized = asSharp(picture).resize({ width: maxSidePx, height: maxSidePx, fit: "inside", withoutEnlargement: true });
  const { data, info } = await resized.webp({ quality }).toBuffer({ resolveWithObject: true });
  return { uri: `data:image/webp;base64,${data.toString("base64")}`, width: info.width, height: info.height };
}
