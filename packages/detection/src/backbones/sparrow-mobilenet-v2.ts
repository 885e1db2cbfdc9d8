import { nn, type Tensor } from "@singleshot/torch";
import { mobileNetV2Stages } from "./mobilenet-v2.js";
import { mapsBehind } from "./trunk.js";

export interface SparrowMobileNetV2Options {
  width?: number;
  /** Numbers of the stages whose maps are given, ascending. */
  taps?: readonly number[];
}

/**
 * Sparrow's MobileNetV2: seven stages are children, there is no last convolution, layers start as PyTorch starts them.
 * Stages behind the last tap run all the same, as in the original, and get no gradient. Keys `stem.<i>` and
 * `features.<stage>.<block>.conv.<i>`.
 */
export class SparrowMobileNetV2 extends nn.Module {
  readonly stem: nn.Sequential;
  readonly features: nn.Sequential;
  /** Behind each tap. */
  readonly channels: readonly number[];
  readonly strides: readonly number[];
  readonly #taps: readonly number[];

  constructor({ width = 1, taps = [0, 1, 2, 3, 4, 5, 6] }: SparrowMobileNetV2Options = {}) {
    super();
    const { stem, stages, channels, strides } = mobileNetV2Stages({ width, style: "sparrow" });
    this.stem = stem;
    this.features = new nn.Sequential(stages.map((stage) => new nn.Sequential(stage)));
    this.channels = taps.map((tap) => channels[tap + 1]!);
    this.strides = taps.map((tap) => strides[tap + 1]!);
    this.#taps = taps;
  }

  forward(images: Tensor): Tensor[] {
    const maps = mapsBehind(this.features.layers, this.stem.forward(images));
    return this.#taps.map((tap) => maps[tap]!);
  }
}
