import { nn, ops, type Tensor } from "@singleshot/torch";
import { Head } from "./detector.js";

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
    const answers = features.map((map, i) => {
      const output = this.moduleList[i]!.forward(map); // [N, perCell · columns, h, w], anchor by anchor
      return output.permute([0, 2, 3, 1]).reshape([output.shape[0]!, -1, this.columns]); // of a channels-last map: no copy
    });
    return ops.cat(answers, { dim: 1 });
  }
}

export interface SsdHeadOptions {
  channels: readonly number[];
  anchorsPerCell: readonly number[];
  /** Background included. */
  classes: number;
  layer: PredictionLayer;
}

/** SSD's heads: for every map a layer of its own for the classes and one for the boxes. Liu et al. 2016, §2.1. */
export class SsdHead extends Head {
  readonly classificationHead: MapHeads;
  readonly regressionHead: MapHeads;

  constructor({ channels, anchorsPerCell, classes, layer }: SsdHeadOptions) {
    super();
    this.classificationHead = new MapHeads(channels, anchorsPerCell, classes, layer);
    this.regressionHead = new MapHeads(channels, anchorsPerCell, 4, layer);
  }

  forward(features: readonly Tensor[]): { logits: Tensor; deltas: Tensor } {
    return { logits: this.classificationHead.forward(features), deltas: this.regressionHead.forward(features) };
  }
}
