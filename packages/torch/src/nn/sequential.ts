import type { Tensor } from "../ops.generated.js";
import { Layer, type Module } from "./module.js";

/**
 * Layers one after the other; state-dict keys are their numbers.
 * An object instead of a list names the numbers, where a slice of a published network keeps those of the whole.
 */
export class Sequential extends Layer {
  readonly #layers: Map<string, Layer>;

  constructor(layers: readonly Layer[] | Readonly<Record<string, Layer>>) {
    super();
    this.#layers = new Map(Object.entries(layers));
  }

  protected override *members(): Iterable<[string, Module & Layer]> {
    yield* this.#layers;
  }

  get layers(): Layer[] {
    return [...this.#layers.values()];
  }

  forward(input: Tensor): Tensor {
    let output = input;
    for (const layer of this.#layers.values()) output = layer.forward(output);
    return output;
  }
}
