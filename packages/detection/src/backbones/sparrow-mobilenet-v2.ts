import { nn, type Tensor } from "@singleshot/torch";
import { mobileNetV2Stages } from "./mobilenet-v2.js";
import { mapsBehind } from "./trunk.js";

/**
 * Sparrow's MobileNetV2: stages are children, there is no last convolution, layers start as PyTorch starts them.
 * Gives the map behind each of the seven stages; keys `stem.<i>` and `features.<stage>.<block>.conv.<i>`.
 */
export class SparrowMobileNetV2 extends nn.Module {
  readonly stem: nn.Sequential;
  readonly features: nn.Sequential;
  /** Behind each stage. */
  readonly channels: readonly number[];
  readonly strides: readonly number[];

  constructor({ width = 1 }: { width?: number } = {}) {
    super();
    const { stem, stages, channels, strides } = mobileNetV2Stages({ width, style: "sparrow" });
    this.stem = stem;
    this.features = new nn.Sequential(stages.map((stage) => new nn.Sequential(stage)));
    this.channels = channels.slice(1);
    this.strides = strides.slice(1);
  }

  forward(images: Tensor): Tensor[] {
    return mapsBehind(this.features.layers, this.stem.forward(images));
  }
}
