/** The GPUs that libtorch finds here. */
export interface Gpus {
  /** In words, from cuda:0 on: `NVIDIA H100 (cuda:0)`. */
  names: string[];
  /** Whether this libtorch could compute on one. */
  built: boolean;
}

type Torch = Pick<typeof import("@singleshot/torch"), "describeDevice" | "findDevice" | "libtorchConfiguration">;

/** Looks at each, which takes memory of it until the process ends. */
export function findGpus({ describeDevice, findDevice, libtorchConfiguration }: Torch): Gpus {
  const names: string[] = [];
  for (let n = 0; findDevice("auto", { index: n }) === `cuda:${n}`; n++) names.push(describeDevice(`cuda:${n}`)); // behind the last it is the first again
  return { names, built: /\bUSE_CUDA=(ON|1)\b/.test(libtorchConfiguration()) };
}
