import { nn } from "@singleshot/torch";

export interface NormOptions {
  eps?: number;
  momentum?: number;
}

export interface ConvNormOptions {
  kernel: number;
  stride?: number;
  groups?: number;
  norm?: NormOptions;
  activation?: nn.Activation;
}

/** Convolution without bias, batch norm with its activation: state-dict children 0 and 1. */
export function convNorm(
  inChannels: number,
  outChannels: number,
  { kernel, stride = 1, groups = 1, norm = {}, activation = "none" }: ConvNormOptions,
): nn.Sequential {
  const conv = new nn.Conv2d(inChannels, outChannels, kernel, { stride, padding: (kernel - 1) / 2, groups, bias: false });
  return new nn.Sequential([conv, new nn.BatchNorm2d(outChannels, { ...norm, activation })]);
}

/**
 * Puts several of them into one list, as networks do that write convolution, batch norm and activation side by side.
 * A fused activation keeps its number free, so that the next convolution has the original's.
 */
export function flatten(pieces: readonly nn.Sequential[]): nn.Sequential {
  const layers: Record<string, nn.Layer> = {};
  let number = 0;
  for (const piece of pieces) {
    for (const layer of piece.layers) {
      layers[number++] = layer;
      if (layer instanceof nn.BatchNorm2d && layer.activation !== "none") number++;
    }
  }
  return new nn.Sequential(layers);
}
