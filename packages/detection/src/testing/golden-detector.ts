import {
  type Fill,
  fillValue,
  type GoldenDetections,
  type GoldenGradients,
  type GoldenSgd,
  golden,
  goldenInput,
  type InputRecipe,
  type StatisticRecord,
} from "@singleshot/testing";
import { type DType, type nn, scope, type Tensor, tensor } from "@singleshot/torch";
import type { GroundTruth } from "../losses/index.js";
import type { BatchNormRecord } from "./golden-classifier.js";

export type GoldenTargets = { boxes: number[][]; labels: number[] }[];

/** What a model file of the golden numbers says of a detector. */
export interface GoldenDetector {
  /** `min_size` and `max_size` where the original scales by sides. */
  config: { num_classes: number; min_size?: number; max_size?: number };
  fill: Fill;
  state: [key: string, shape: number[], dtype?: string][];
  frozen_parameters?: string[];
  eval: GoldenForward;
  eval_resized?: GoldenForward;
  train?: {
    targets: GoldenTargets;
    losses: { bbox_regression: number; classification: number; total: number };
    gradients: GoldenGradients;
    batch_norm: BatchNormRecord[];
    losses_first_image_without_targets: { bbox_regression: number; classification: number };
  };
  sgd?: GoldenDescent;
}

/** Steps of SGD on one batch. */
export interface GoldenDescent extends GoldenSgd {
  lr: number;
  /** Parts with a rate of their own. */
  groups?: { prefix: string[]; lr: number }[];
  momentum: number;
  weight_decay: number;
  steps: number;
  loss_before_each_step: number[];
  loss_after_last_step: number;
}

export interface GoldenForward {
  images: InputRecipe[];
  transformed: { batch: StatisticRecord };
  features: (StatisticRecord & { name: string })[];
  anchors: StatisticRecord;
  cls_logits: StatisticRecord;
  bbox_regression: StatisticRecord;
  detections: GoldenDetections[];
}

export const goldenDetector = (name: string): GoldenDetector => golden(name) as GoldenDetector;

/** Fresh golden weights, each entry from its own key; then the element type and memory format asked for. */
export function fillModule<M extends nn.Module>(module: M, fill: Fill, dtype: DType = "float32"): M {
  scope(() => {
    const values = [...module.stateDict()].map(([key, { shape }]): [string, Tensor] => [
      key,
      tensor(fillValue(key, shape, fill), { shape }),
    ]);
    module.loadStateDict(new Map(values));
  });
  return module.to({ dtype, format: dtype === "float64" ? "contiguous" : "channelsLast" });
}

/** Rounded to float32 first, then in the type asked for. */
export function goldenTensor(recipe: InputRecipe, dtype: DType = "float32"): Tensor {
  const { data, shape } = goldenInput(recipe);
  return tensor(data, { shape, dtype });
}

/** The targets of all images, padded to the largest number of boxes. */
export function groundTruth(targets: GoldenTargets, dtype: DType = "float32"): GroundTruth {
  const M = Math.max(...targets.map(({ labels }) => labels.length));
  const boxes = targets.flatMap((target) => Array.from({ length: M }, (_, m) => target.boxes[m] ?? [0, 0, 0, 0]));
  const labels = targets.flatMap((target) => Array.from({ length: M }, (_, m) => target.labels[m] ?? 0));
  return {
    boxes: tensor(Float32Array.from(boxes.flat()), { shape: [targets.length, M, 4], dtype }),
    labels: tensor(BigInt64Array.from(labels, BigInt), { shape: [targets.length, M] }),
    counts: tensor(BigInt64Array.from(targets, ({ labels: own }) => BigInt(own.length))),
  };
}

/** The elements as plain numbers, whatever the type. */
export const numbers = (values: Tensor): Float32Array | Float64Array => values.toTypedArray<"float32" | "float64">();

export function gradientsOf(module: nn.Module): [string, Float32Array | Float64Array][] {
  return [...module.parameters()].flatMap(([name, parameter]): [string, Float32Array | Float64Array][] => {
    const { grad } = parameter;
    return grad ? [[name, numbers(grad)]] : [];
  });
}
