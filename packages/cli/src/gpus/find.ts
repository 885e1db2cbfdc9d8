/** The GPUs that libtorch finds here. */
export interface Gpus {
  /** In words, from cuda:0 on: `NVIDIA H100 (cuda:0)`. */
  names: string[];
  /** Whether this libtorch could compute on one. */
  built: boolean;
}

type Torch = Pick<typeof import("@singleshot/torch"), "describeDevice" | "gpuCount">;

/** Asks for the name of each, which takes memory of it until the process ends. */
export function findGpus({ describeDevice, gpuCount }: Torch): Gpus {
  const count = gpuCount();
  return { names: Array.from({ length: count ?? 0 }, (_, n) => describeDevice(`cuda:${n}`)), built: count !== undefined };
}
