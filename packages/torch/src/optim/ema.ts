import { noGrad } from "../autograd.js";
import type { Module } from "../nn/index.js";
import type { Tensor } from "../ops.generated.js";
import * as ops from "../ops.generated.js";
import { keep, scope } from "../scope.js";

/**
 * A moving average of a module's state, ā ← d ā + (1 - d) a; the first update copies. With `ramp` d grows towards `decay` as
 * min(decay, (1 + t) / (10 + t)), so that the first steps are soon forgotten. Buffers that are no floats are copied.
 */
export class ExponentialMovingAverage {
  readonly #live: Map<string, Tensor>;
  readonly #average: Map<string, Tensor>;
  readonly #decay: number;
  readonly #ramp: boolean;
  #updates = 0;

  constructor(module: Module, { decay, ramp = true }: { decay: number; ramp?: boolean }) {
    this.#live = module.stateDict();
    this.#average = noGrad(() => new Map([...this.#live].map(([key, value]) => [key, keep(value.clone())])));
    this.#decay = decay;
    this.#ramp = ramp;
  }

  update(): void {
    this.#updates++;
    const decay = this.#decayAt(this.#updates);
    const floats = [...this.#live].filter(([, value]) => isFloat(value));
    const averages = floats.map(([key]) => this.#average.get(key)!);
    const values = floats.map(([, value]) => value);
    noGrad(() => {
      ops.foreachMul_(averages, decay);
      ops.foreachAdd_(averages, values, { alpha: 1 - decay });
      for (const [key, value] of this.#live) if (!isFloat(value)) this.#average.get(key)!.copy_(value);
    });
  }

  #decayAt(t: number): number {
    if (t === 1) return 0;
    return this.#ramp ? Math.min(this.#decay, (1 + t) / (10 + t)) : this.#decay;
  }

  /** Exchanges the module's values with the average; a second call puts them back. */
  swap(): void {
    noGrad(() =>
      scope(() => {
        for (const [key, value] of this.#live) {
          const average = this.#average.get(key)!;
          const before = value.clone();
          value.copy_(average);
          average.copy_(before);
        }
      }),
    );
  }

  /** The averages by the module's keys, and the number of updates; the tensors are the average's own. */
  stateDict(): Map<string, Tensor> {
    return new Map(this.#average);
  }

  get updates(): number {
    return this.#updates;
  }

  loadStateDict(saved: ReadonlyMap<string, Tensor>, updates: number): void {
    noGrad(() => {
      for (const [key, average] of this.#average) {
        const value = saved.get(key);
        if (!value) throw new RangeError(`the moving average has no ${key}`);
        average.copy_(value);
      }
    });
    this.#updates = updates;
  }

  dispose(): void {
    for (const average of this.#average.values()) average.dispose();
  }
}

const isFloat = ({ dtype }: Tensor) => dtype.includes("float");
