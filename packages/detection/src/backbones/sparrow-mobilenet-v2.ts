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
 * Stages behind the last tap stand in the state dict, but are neither computed nor trained. Keys `stem.<i>` and
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
    for (const unused of this.features.layers.slice(taps.at(-1)! + 1)) unused.freeze();
  }

  forward(images: Tensor): Tensor[] {
    const used = this.features.layers.slice(0, this.#taps.at(-1)! + 1);
    const maps = mapsBehind(used, this.stem.forward(images));
    return this.#taps.map((tap) => maps[tap]!);
  }
}
