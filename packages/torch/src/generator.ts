import type { Device } from "./devices.js";
import { native } from "./native.js";
import { Tensor } from "./ops.generated.js";

/** A seeded source of random numbers whose state can be saved and restored. */
export class Generator {
  /** @internal */
  constructor(readonly id: number = native.generator()) {}

  seed(seed: number | bigint): this {
    native.seed(this.id, seed);
    return this;
  }
  /** The whole state as a uint8 tensor, in libtorch's own form. */
  get state(): Tensor {
    return new Tensor(native.generatorState(this.id));
  }
  set state(state: Tensor) {
    native.setGeneratorState(this.id, state.handle);
  }
}

/** The one that operators on the CPU use when they are given none (dropout, random initialisation). */
export const defaultGenerator = new Generator(0);

const generators = new Map<Device, Generator>([["cpu", defaultGenerator]]);

/** The one that operators on a device use when they are given none; undefined where libtorch knows of none. */
export function generatorOf(device: Device): Generator | undefined {
  const known = generators.get(device);
  if (known) return known;
  const id = native.deviceGenerator(device);
  if (id === null) return undefined;
  const generator = new Generator(id);
  generators.set(device, generator);
  return generator;
}
