import { fromBuffer, scope, type Tensor } from "@singleshot/torch";
import type { LaidBatch } from "@singleshot/vision";

/**
 * The pictures of a batch as one tensor [N, 3, H, W] uint8, channels-last, on the same memory; where they are padded, with their extents
 * [N, 2] (height, width).
 */
export function pixelsOf({ data, size: { width, height }, extents }: LaidBatch): { images: Tensor; extents?: Tensor } {
  const count = data.length / (3 * width * height);
  const images = scope(() => fromBuffer(data, [count, height, width, 3]).permute([0, 3, 1, 2]));
  return { images, ...(extents && { extents: fromBuffer(extents, [count, 2]) }) };
}
