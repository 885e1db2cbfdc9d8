import { nn, type Tensor } from "@singleshot/torch";
import type { Trunk } from "./trunk.js";

/** [N, 3, H, W] → logits [N, classes]. */
export type Classifier = nn.Layer;

export interface ClassifierOptions {
  classes: number;
  /** Multiplies the channels, where the network can be narrowed. */
  width?: number;
}

/** A trunk with a classification head on its last map; state-dict keys `features.<i>` and `classifier.<i>`. */
export class TrunkClassifier extends nn.Layer {
  readonly features: nn.Sequential;
  readonly classifier: nn.Layer;
  readonly #pool: (map: Tensor) => Tensor;

  /** @param pool [N, C, H, W] → what the head takes */
  constructor({ layers }: Trunk, { pool, head }: { pool: (map: Tensor) => Tensor; head: nn.Layer }) {
    super();
    this.features = new nn.Sequential(layers);
    this.classifier = head;
    this.#pool = pool;
  }

  forward(images: Tensor): Tensor {
    return this.classifier.forward(this.#pool(this.features.forward(images)));
  }
}

/** [N, C, H, W] → the mean of every channel, [N, C]. */
export const globalAverage = (map: Tensor): Tensor => map.mean([2, 3]);
