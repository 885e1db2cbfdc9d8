import { nn, type Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";

/** What the heads say about every anchor. */
export interface HeadOutputs {
  /** [N, A, C], before softmax or sigmoid */
  logits: Tensor;
  /** [N, A, 4] */
  deltas: Tensor;
}

/**
 * The part of a detector that is trained. Its fields decide the keys of the state dict: each of the five systems has its own.
 * Getters, not fields, tell which modules play which part: a field would appear in the state dict a second time.
 */
export abstract class Network extends nn.Module {
  /** The maps that the heads look at, finest first: normalised images [N, 3, H, W] → L × [N, channels, h, w]. */
  abstract features(images: Tensor): Tensor[];
  abstract answer(features: readonly Tensor[]): HeadOutputs;
  /** The part that is pretrained as a classifier, in stages from the picture on. */
  abstract get stages(): nn.Module[][];
  /** What answers for classes and boxes; everything else is shared between tasks. */
  abstract get heads(): nn.Module[];
  /** The last convolution of each class head: output channel a · C + c speaks for class c at anchor a of a cell. */
  abstract get classLayers(): nn.Conv2d[];
}

/** What a network must answer. */
export interface HeadOptions {
  /** C, background included where it has a channel. */
  channels: number;
  /** For each map. */
  anchorsPerCell: readonly number[];
}

/**
 * Refuses anchors that do not fit a network's maps.
 *
 * @param shared one head answers on all maps, so each needs as many anchors
 * @throws InputError
 */
export function requireAnchors({ anchorsPerCell }: HeadOptions, maps: number, { shared = false }: { shared?: boolean } = {}): void {
  if (anchorsPerCell.length !== maps)
    throw new InputError(`detector.anchors.levels has ${anchorsPerCell.length} entries, the network has ${maps} maps`, {
      fix: "one entry for each map, the finest first",
    });
  if (shared && new Set(anchorsPerCell).size > 1)
    throw new InputError(`detector.anchors.levels have ${anchorsPerCell.join(", ")} anchors a cell, and one head for all of them`, {
      fix: "as many shapes on every level",
    });
}

/** Feature maps of several strides, finest first: [N, 3, H, W] → L × [N, channels, h, w]. */
export abstract class Backbone extends nn.Module {
  abstract readonly channels: readonly number[];
  abstract forward(images: Tensor): Tensor[];
  abstract get stages(): nn.Module[][];
}

export abstract class Head extends nn.Module {
  abstract forward(features: readonly Tensor[]): HeadOutputs;
  abstract get classLayers(): nn.Conv2d[];
}

/** A backbone and a head, as torchvision composes its detectors: keys `backbone.…` and `head.…`. */
export class BackboneAndHead extends Network {
  constructor(
    readonly backbone: Backbone,
    readonly head: Head,
  ) {
    super();
  }

  features(images: Tensor): Tensor[] {
    return this.backbone.forward(images);
  }

  answer(features: readonly Tensor[]): HeadOutputs {
    return this.head.forward(features);
  }

  get stages(): nn.Module[][] {
    return this.backbone.stages;
  }

  get heads(): nn.Module[] {
    return [this.head];
  }

  get classLayers(): nn.Conv2d[] {
    return this.head.classLayers;
  }
}
