import { type FuzzTarget, mutate } from "@singleshot/testing";
import sharp, { type Sharp } from "sharp";
import { decodeBytes } from "../decode.js";
import { probePicture } from "../probe.js";
import { buildBmp } from "./bmp-builder.js";

/** A scene of 48 x 40 pixels with edges and a ramp. */
const [width, height] = [48, 40];
const pixels = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
  const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
  return i % 3 === 0 ? 5 * x : (x + y) % 16 < 8 ? 6 * y : 200;
});
const scene = () => sharp(pixels, { raw: { width, height, channels: 3 } });
const bmp = (bits: 8 | 24) => {
  const palette = Uint8Array.from({ length: bits === 8 ? 1024 : 0 }, (_, i) => i);
  return buildBmp({ width, height, bits, palette, rows: pixels.slice(0, (bits / 8) * width * height) });
};

interface Row extends Pick<FuzzTarget, "format" | "share" | "full"> {
  originals: (Sharp | Buffer)[];
}

const ROWS: readonly Row[] = [
  {
    ...{ format: ".jpg", share: 600, full: 20_000 },
    originals: [
      scene().jpeg(),
      scene().jpeg({ progressive: true, chromaSubsampling: "4:4:4" }),
      scene().greyscale().jpeg(),
      scene().toColourspace("cmyk").jpeg(),
      scene().withMetadata({ orientation: 6 }).jpeg(),
    ],
  },
  {
    ...{ format: ".png", share: 1400, full: 20_000 },
    originals: [
      scene().png(),
      scene().png({ palette: true }),
      scene().ensureAlpha(0.5).png({ progressive: true }),
      scene().toColourspace("rgb16").png(),
    ],
  },
  { format: ".bmp", share: 500, full: 20_000, originals: [bmp(8), bmp(24)] },
  { format: ".gif", share: 200, full: 5000, originals: [scene().gif()] },
  { format: ".webp", share: 200, full: 5000, originals: [scene().webp(), scene().webp({ lossless: true })] },
  { format: ".tiff", share: 200, full: 5000, originals: [scene().tiff(), scene().tiff({ compression: "lzw" })] },
];

/** Pictures of every format that is read. */
export async function pictureTargets(): Promise<FuzzTarget[]> {
  const encoded = ROWS.map(async ({ originals, ...row }) => {
    const files = await Promise.all(originals.map(async (one) => ("toBuffer" in one ? one.toBuffer() : one)));
    return {
      ...row,
      what: "pictures",
      damaged: (draw) => mutate(files[Math.floor(draw() * files.length)]!, draw),
      isRefused,
    } satisfies FuzzTarget;
  });
  return Promise.all(encoded);
}

const SENTENCE = /^(the file is empty|not a picture of a format|the picture cannot be decoded: \S)[^\n]*$/;

async function isRefused(bytes: Uint8Array, trial: number): Promise<boolean> {
  const picture = await decodeBytes(bytes, { shrink: trial % 3 === 0 ? 3 : 1 }).catch((error: Error) => error);
  await probePicture(bytes).catch(requireSentence);
  if (picture instanceof Error) {
    requireSentence(picture);
    return true;
  }
  const { data, ...size } = picture;
  if (data.length !== 3 * size.width * size.height) throw new Error(`${data.length} bytes for ${size.width} x ${size.height} pixels`);
  return false;
}

function requireSentence(error: Error): void {
  if (!SENTENCE.test(error.message)) throw error;
}
