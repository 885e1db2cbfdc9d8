import { type Device, defaultGenerator, generatorOf, type Tensor } from "@singleshot/torch";

/** The generators that a run on a device draws from: weights and their first values are made on the CPU. */
const generators = (device: Device) => [
  ["generator", defaultGenerator] as const,
  ...(device === "cpu" ? [] : [["device_generator", generatorOf(device)] as const]),
];

export function seedRandom(device: Device, seed: number): void {
  for (const [, generator] of generators(device)) generator?.seed(seed);
}

/** Their states by name, as they stand in a checkpoint. */
export function randomState(device: Device): Map<string, Tensor> {
  return new Map(generators(device).flatMap(([name, generator]) => (generator ? [[name, generator.state] as const] : [])));
}

/** Leaves a generator as it is whose state is not there: a run may go on on another device. */
export function restoreRandomState(states: ReadonlyMap<string, unknown>, device: Device): void {
  for (const [name, generator] of generators(device)) if (generator && states.has(name)) generator.state = states.get(name) as Tensor;
}
