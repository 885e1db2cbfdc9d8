import { nn, ops, type Tensor } from "@singleshot/torch";

/** Of one map's output [N, perCell · columns, h, w], anchor by anchor, the answers [N, h · w · perCell, columns]; of a channels-last map no copy. */
export function answersOf(output: Tensor, columns: number): Tensor {
  return output.permute([0, 2, 3, 1]).reshape([output.shape[0]!, -1, columns]);
}

/** What a layer for each map says: L × [N, channels, h, w] → [N, A, columns]. */
export function answersOfMaps(layers: readonly nn.Layer[], features: readonly Tensor[], columns: number): Tensor {
  const answers = features.map((map, i) => answersOf(layers[i]!.forward(map), columns));
  return ops.cat(answers, { dim: 1 });
}

/** What one layer says of all maps. */
export const answersOfShared = (layer: nn.Layer, features: readonly Tensor[], columns: number): Tensor =>
  answersOfMaps(
    features.map(() => layer),
    features,
    columns,
  );

/** The convolution that a layer ends with. */
export function lastConvolution(layer: nn.Layer): nn.Conv2d {
  if (layer instanceof nn.Conv2d) return layer;
  return lastConvolution((layer as nn.Sequential).layers.at(-1)!);
}

const PRIOR = 0.01;

/**
 * Every class is answered with a probability of 0.01 before training, so that the many background anchors do not drown the first steps.
 * @see Lin et al. 2017, §4.1 (arXiv:1708.02002)
 */
export const startRare = ({ bias }: nn.Conv2d): unknown => nn.init.constant_(bias!, -Math.log((1 - PRIOR) / PRIOR));
