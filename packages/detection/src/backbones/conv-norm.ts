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
