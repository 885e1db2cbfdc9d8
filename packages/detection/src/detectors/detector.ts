import { fromBuffer, nn, scope, type Tensor } from "@singleshot/torch";
import type { Detections } from "@singleshot/vision";
import type { BoxCoder, GridSize, Matcher } from "../boxes/index.js";
import { type DetectionLoss, type GroundTruth, type Losses, targetsFor } from "../losses/index.js";

/** Feature maps of several strides, finest first: [N, 3, H, W] → L × [N, channels, h, w]. */
export abstract class Backbone extends nn.Module {
  abstract readonly channels: readonly number[];
  abstract forward(images: Tensor): Tensor[];
}

/** What the heads say about every anchor: L × [N, channels, h, w] → logits [N, A, C], deltas [N, A, 4]. */
export abstract class Head extends nn.Module {
  abstract forward(features: readonly Tensor[]): { logits: Tensor; deltas: Tensor };
}

/** The answers of one forward pass, with the anchors that they are about. */
export interface Raw {
  /** [N, A, C], before softmax or sigmoid */
  logits: Tensor;
  /** [N, A, 4] */
  deltas: Tensor;
  /** [A, 4] xyxy in pixels of the network's input; the detector's own, not to be disposed */
  anchors: Tensor;
}

/** Turns answers into detections in pixels of the network's input, one record an image, best first. */
export type Postprocess = (raw: Raw, input: GridSize, coder: BoxCoder) => Detections[];

/** How pixels become numbers, on a scale of 0 to 1. */
export interface Normalization {
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** A detector is this list of parts; the zoo differs in nothing else. */
export interface DetectorParts {
  backbone: Backbone;
  head: Head;
  /** Anchors for the maps' sizes: [A, 4] xyxy in pixels of the input. */
  anchors: (grids: readonly GridSize[], input: GridSize, dtype: "float32" | "float64") => Float32Array | Float64Array;
  coder: BoxCoder;
  matcher: Matcher;
  loss: DetectionLoss;
  postprocess: Postprocess;
  normalization: Normalization;
  input: GridSize;
}

const gridOf = (map: Tensor): GridSize => {
  const [, , height = 0, width = 0] = map.shape;
  return { height, width };
};

/** A single-shot detector: one pass over the picture answers for every anchor. */
export class Detector extends nn.Module {
  readonly backbone: Backbone;
  readonly head: Head;
  readonly #parts: DetectorParts;
  readonly #anchors = new Map<string, Tensor>();

  constructor(
    parts: DetectorParts,
    readonly classes: readonly string[],
  ) {
    super();
    this.backbone = parts.backbone;
    this.head = parts.head;
    this.#parts = parts;
  }

  /** Size of the pictures that the network is made for. */
  get input(): GridSize {
    return this.#parts.input;
  }

  /** [N, 3, H, W], uint8 or floats in 0 to 1 → floats as the network wants them, in the same memory format. */
  normalize(images: Tensor): Tensor {
    const { mean, std } = this.#parts.normalization;
    return scope(() => {
      const bytes = images.dtype === "uint8";
      const dtype = bytes ? this.#dtype() : images.dtype;
      const channels = (values: readonly number[]) => fromBuffer(new Float64Array(values), [1, 3, 1, 1]).to(dtype);
      const scale = channels(std.map((s) => 1 / (bytes ? 255 * s : s)));
      return images.mul(scale).sub(channels(mean.map((m, i) => m / std[i]!)));
    });
  }

  #dtype(): "float32" | "float64" {
    return this.parameters().values().next().value?.dtype === "float64" ? "float64" : "float32";
  }

  /** Normalised images [N, 3, H, W] → the network's answers. */
  forward(images: Tensor): Raw {
    const { logits, deltas, grids } = scope(() => {
      const features = this.backbone.forward(images);
      return { ...this.head.forward(features), grids: features.map(gridOf) };
    });
    return { logits, deltas, anchors: this.#anchorsFor(grids, gridOf(images), images.dtype === "float64" ? "float64" : "float32") };
  }

  #anchorsFor(grids: GridSize[], input: GridSize, dtype: "float32" | "float64"): Tensor {
    const key = JSON.stringify([grids, input, dtype]);
    let anchors = this.#anchors.get(key);
    if (!anchors) {
      const values = this.#parts.anchors(grids, input, dtype);
      anchors = new nn.Buffer(fromBuffer(values, [values.length / 4, 4]));
      this.#anchors.set(key, anchors);
    }
    return anchors;
  }

  /** The two losses of a batch, in float32 or better whatever the forward pass ran in. */
  loss(raw: Raw, truth: GroundTruth): Losses {
    return scope(() => {
      const { logits, deltas, anchors } = raw;
      const precise = (t: Tensor) => (t.dtype === "bfloat16" || t.dtype === "float16" ? t.to("float32") : t);
      return this.#parts.loss({ logits: precise(logits), deltas: precise(deltas) }, targetsFor(anchors, truth, this.#parts));
    });
  }

  /** Detections of a batch in pixels of the network's input. */
  postprocess(raw: Raw): Detections[] {
    return this.#parts.postprocess(raw, this.input, this.#parts.coder);
  }

  override dispose(): void {
    super.dispose();
    for (const anchors of this.#anchors.values()) anchors.dispose();
    this.#anchors.clear();
  }
}
