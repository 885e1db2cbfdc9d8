import type { Picture } from "../sample.js";
import { batchSize, evaluationInput, type InputOptions, maxPixels, type Placement, type Size } from "../transforms/index.js";
import { layPicture } from "./lay.js";

/** A picture's place in the bytes of a batch, each `3 · maxPixels(input)` long, and how it lies in the input. */
export interface LaidPicture {
  place: number;
  placement: Placement;
}

/** Pictures side by side, as a network takes them. */
export interface LaidBatch {
  /** [N, height, width, 3] */
  data: Uint8Array;
  size: Size;
  /** [N, 2], height and width of what is no padding, where pictures keep sizes of their own. */
  extents?: BigInt64Array;
}

/** Pictures that were laid into the input, as a batch: without a copy where all have one size; else padded, each at the upper left. */
export function batchOf(bytes: Uint8Array, pictures: readonly LaidPicture[], input: InputOptions): LaidBatch {
  const room = 3 * maxPixels(input);
  const canvases = pictures.map(({ placement }) => placement.canvas);
  const size = batchSize(input, canvases);
  if (input.resize === "sides") {
    const extents = BigInt64Array.from(canvases.flatMap(({ height, width }) => [BigInt(height), BigInt(width)]));
    return { data: padded(bytes, pictures, size, room), size, extents };
  }
  pictures.forEach(({ place }, i) => {
    if (place !== i) bytes.copyWithin(i * room, place * room, (place + 1) * room); // closes the gap of a broken picture
  });
  return { data: bytes.subarray(0, pictures.length * room), size };
}

function padded(bytes: Uint8Array, pictures: readonly LaidPicture[], { width, height }: Size, room: number): Uint8Array {
  const out = new Uint8Array(pictures.length * 3 * width * height);
  pictures.forEach(({ place, placement: { canvas } }, n) => {
    const length = 3 * canvas.width;
    for (let y = 0; y < canvas.height; y++) {
      const from = place * room + y * length;
      out.set(bytes.subarray(from, from + length), 3 * width * (n * height + y));
    }
  });
  return out;
}

/** Pictures of any size as one batch, without augmentation, and where in the input each lies. */
export function layPictures(pictures: readonly Picture[], options: InputOptions): LaidBatch & { placements: Placement[] } {
  const input = evaluationInput(options);
  const room = 3 * maxPixels(input);
  const bytes = new Uint8Array(pictures.length * room);
  const placements = pictures.map((picture, i) => layPicture(picture, input, bytes.subarray(i * room, (i + 1) * room)).placement);
  return {
    ...batchOf(
      bytes,
      placements.map((placement, place) => ({ place, placement })),
      input,
    ),
    placements,
  };
}
