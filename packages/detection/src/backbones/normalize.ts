import { type DType, scope, type Tensor, tensor } from "@singleshot/torch";

/** Of pixels from 0 to 1. */
export interface Normalization {
  mean: readonly number[];
  std: readonly number[];
}

/**
 * Pictures as a network wants them, (x - mean) / std.
 *
 * @param images [N, 3, H, W], uint8 or floats in 0 to 1; the memory format stays
 * @param dtype  of the result where bytes come in; floats keep theirs
 */
export function normalizeImages(
  images: Tensor,
  { mean, std }: Normalization,
  { dtype: wanted = "float32" }: { dtype?: DType } = {},
): Tensor {
  return scope(() => {
    const bytes = images.dtype === "uint8";
    const dtype = bytes ? wanted : images.dtype;
    const channels = (values: readonly number[]) => tensor(new Float64Array(values), { shape: [1, 3, 1, 1], dtype, device: images.device });
    const scale = channels(std.map((s) => 1 / (bytes ? 255 * s : s)));
    return images.mul(scale).sub_(channels(mean.map((m, i) => m / std[i]!)));
  });
}
