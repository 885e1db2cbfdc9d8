import { nn, ops, type Tensor } from "@singleshot/torch";
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

  constructor(inChannels: readonly number[], question: HeadOptions, layer: PredictionLayer) {
    super();
    requireAnchors(question, inChannels.length);
    const { channels, anchorsPerCell } = question;
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

/** The convolution that a layer ends with. */
export function lastConvolution(layer: nn.Layer): nn.Conv2d {
  if (layer instanceof nn.Conv2d) return layer;
  return lastConvolution((layer as nn.Sequential).layers.at(-1)!);
}

/** What a layer for each map says: L × [N, channels, h, w] → [N, A, columns]. */
export function answersOfMaps(layers: readonly nn.Layer[], features: readonly Tensor[], columns: number): Tensor {
  const answers = features.map((map, i) => answersOf(layers[i]!.forward(map), columns));
  return ops.cat(answers, { dim: 1 });
}

/** Of one map's output [N, perCell · columns, h, w], anchor by anchor, the answers [N, h · w · perCell, columns]; of a channels-last map no copy. */
export function answersOf(output: Tensor, columns: number): Tensor {
  return output.permute([0, 2, 3, 1]).reshape([output.shape[0]!, -1, columns]);
}
