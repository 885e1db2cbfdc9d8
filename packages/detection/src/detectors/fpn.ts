import { nn, ops, type Tensor } from "@singleshot/torch";
import { initializeConvs } from "../backbones/index.js";

/** Adds to every map the coarser ones, enlarged step by step to its size: L × [N, C, h, w], finest first → the same, overwritten. */
export function topDown(laterals: readonly Tensor[]): Tensor[] {
  const maps: Tensor[] = [];
  for (const lateral of [...laterals].reverse()) {
    const coarser = maps[0];
    maps.unshift(coarser ? lateral.add_(ops.upsampleNearest2d(coarser, lateral.shape.slice(2))) : lateral);
  }
  return maps;
}

/** Two maps coarser than the pyramid's. Lin et al. 2017, "Focal loss", §4. */
class CoarseLevels extends nn.Module {
  readonly p6: nn.Conv2d;
  readonly p7: nn.Conv2d;

  constructor(inChannels: number, outChannels: number) {
    super();
    this.p6 = new nn.Conv2d(inChannels, outChannels, 3, { stride: 2, padding: 1 });
    this.p7 = new nn.Conv2d(outChannels, outChannels, 3, { stride: 2, padding: 1 });
  }

  forward(map: Tensor): Tensor[] {
    const p6 = this.p6.forward(map);
    return [p6, this.p7.forward(p6.relu())];
  }
}

export interface FeaturePyramidOptions {
  outChannels: number;
  /** What P6 is made of: the coarsest map of the pyramid, or of the backbone. */
  coarseFrom: "p5" | "c5";
}

/**
 * Maps of a backbone, finest first, each told what the coarser ones saw; and two coarser ones: C3, C4, C5 → P3 to P7.
 * @see Lin et al. 2017 (arXiv:1612.03144); keys as torchvision's FeaturePyramidNetwork with LastLevelP6P7
 */
export class FeaturePyramid extends nn.Module {
  readonly innerBlocks: nn.Sequential[];
  readonly layerBlocks: nn.Sequential[];
  readonly extraBlocks: CoarseLevels;
  readonly #coarseFrom: FeaturePyramidOptions["coarseFrom"];

  constructor(inChannels: readonly number[], { outChannels, coarseFrom }: FeaturePyramidOptions) {
    super();
    this.innerBlocks = inChannels.map((channels) => new nn.Sequential([new nn.Conv2d(channels, outChannels, 1)]));
    this.layerBlocks = inChannels.map(() => new nn.Sequential([new nn.Conv2d(outChannels, outChannels, 3, { padding: 1 })]));
    this.extraBlocks = new CoarseLevels(coarseFrom === "p5" ? outChannels : inChannels.at(-1)!, outChannels);
    this.#coarseFrom = coarseFrom;
    initializeConvs(this, (weight) => nn.init.kaimingUniform_(weight, { a: 1 }));
  }

  forward(maps: readonly Tensor[]): Tensor[] {
    const merged = topDown(maps.map((map, i) => this.innerBlocks[i]!.forward(map)));
    const pyramid = merged.map((map, i) => this.layerBlocks[i]!.forward(map));
    const coarsest = this.#coarseFrom === "p5" ? pyramid : maps;
    return [...pyramid, ...this.extraBlocks.forward(coarsest.at(-1)!)];
  }
}
