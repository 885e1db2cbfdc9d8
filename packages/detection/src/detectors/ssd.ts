import { nn, type Tensor } from "@singleshot/torch";
import { answersOfMaps, lastConvolution } from "./heads.js";
import { Head, type HeadOptions, type HeadOutputs, requireAnchors } from "./network.js";

/** One prediction layer for a map: in channels → out channels at the same size. */
export type PredictionLayer = (inChannels: number, outChannels: number) => nn.Layer;

/** The same question asked of every map: L × [N, channels, h, w] → [N, A, columns]. */
class MapHeads extends nn.Module {
  readonly moduleList: nn.Layer[];

  constructor(
    channels: readonly number[],
    perCell: readonly number[],
    readonly columns: number,
    layer: PredictionLayer,
  ) {
    super();
    this.moduleList = channels.map((inChannels, i) => layer(inChannels, perCell[i]! * columns));
  }

  forward(features: readonly Tensor[]): Tensor {
    return answersOfMaps(this.moduleList, features, this.columns);
  }
}

/** SSD's heads: for every map a layer of its own for the classes and one for the boxes. Liu et al. 2016, §2.1. */
export class SsdHead extends Head {
  readonly classificationHead: MapHeads;
  readonly regressionHead: MapHeads;

  constructor(inChannels: readonly number[], headOptions: HeadOptions, layer: PredictionLayer) {
    super();
    requireAnchors(headOptions, inChannels.length);
    const { channels, anchorsPerCell } = headOptions;
    this.classificationHead = new MapHeads(inChannels, anchorsPerCell, channels, layer);
    this.regressionHead = new MapHeads(inChannels, anchorsPerCell, 4, layer);
  }

  forward(features: readonly Tensor[]): HeadOutputs {
    return { logits: this.classificationHead.forward(features), deltas: this.regressionHead.forward(features) };
  }

  get classLayers(): nn.Conv2d[] {
    return this.classificationHead.moduleList.map(lastConvolution);
  }
}
