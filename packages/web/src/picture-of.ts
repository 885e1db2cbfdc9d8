import type { Picture } from "@singleshot/vision";

/** What a page has of a picture: a file, something that can be drawn, or pixels. */
export type PictureSource =
  | Blob
  | HTMLImageElement
  | HTMLVideoElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | ImageData
  | Picture;

/** The pixels of a source in its own size: upright, in sRGB, alpha dropped, as `singleshot predict` reads files. */
export async function pictureOf(source: PictureSource): Promise<Picture> {
  if ("data" in source) return source.data instanceof Uint8Array ? (source as Picture) : rgbOf(source as ImageData);
  if (!(source instanceof Blob)) return rgbOf(drawn(source));
  const bitmap = await createImageBitmap(source, { imageOrientation: "from-image", premultiplyAlpha: "none" });
  try {
    return rgbOf(drawn(bitmap));
  } finally {
    bitmap.close();
  }
}

type Drawable = Exclude<PictureSource, Blob | ImageData | Picture>;

/** Never drawn to another size: browsers resize in ways of their own. */
function drawn(source: Drawable): ImageData {
  const { width, height } = sizeOf(source);
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  context.drawImage(source, 0, 0, width, height);
  return context.getImageData(0, 0, width, height, { colorSpace: "srgb" });
}

function sizeOf(source: Drawable): { width: number; height: number } {
  if ("videoWidth" in source) return { width: source.videoWidth, height: source.videoHeight };
  if ("naturalWidth" in source) return { width: source.naturalWidth, height: source.naturalHeight };
  return source;
}

function rgbOf({ data: rgba, width, height }: ImageData): Picture {
  const data = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = rgba[from]!;
    data[to + 1] = rgba[from + 1]!;
    data[to + 2] = rgba[from + 2]!;
  }
  return { data, width, height };
}
