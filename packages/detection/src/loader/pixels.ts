import { fromBuffer, scope, type Tensor } from "@singleshot/torch";
import { batchSize, type InputOptions, maxPixels, type Placement, type Size } from "@singleshot/vision";

/** A picture's place in the bytes of a batch, each `3 · maxPixels(input)` long, and how it lies in the input. */
export interface LaidPicture {
  place: number;
  placement: Placement;
}

/**
 * The pictures of a batch as one tensor [N, 3, H, W] uint8, channels-last, without a copy where all have one size; else padded, with
 * their extents [N, 2] (height, width).
 */
export function pixelsOf(bytes: Uint8Array, pictures: readonly LaidPicture[], input: InputOptions): { images: Tensor; extents?: Tensor } {
  const room = 3 * maxPixels(input);
  const canvases = pictures.map(({ placement }) => placement.canvas);
  const size = batchSize(input, canvases);
  if (input.resize === "sides") {
    const extents = BigInt64Array.from(canvases.flatMap(({ height, width }) => [BigInt(height), BigInt(width)]));
    return { images: imagesOf(padded(bytes, pictures, size, room), size), extents: fromBuffer(extents, [pictures.length, 2]) };
  }
  pictures.forEach(({ place }, i) => {
    if (place !== i) bytes.copyWithin(i * room, place * room, (place + 1) * room); // closes the gap of a broken picture
  });
  return { images: imagesOf(bytes.subarray(0, pictures.length * room), size) };
}

/** Pictures of different sizes, each at the upper left of its place. */
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

const imagesOf = (bytes: Uint8Array, { width, height }: Size): Tensor =>
  scope(() => fromBuffer(bytes, [bytes.length / (3 * width * height), height, width, 3]).permute([0, 3, 1, 2]));
