import { availableParallelism } from "node:os";
import type { Environment } from "./launchers/index.js";
import type { World } from "./world.js";

/**
 * How many threads each process of a world computes with, where nobody says: what its launcher gives it, else `OMP_NUM_THREADS`, else its
 * share of this host's cores. torchrun sets `OMP_NUM_THREADS` to 1 whatever the machine has, so a 1 of its is not believed.
 */
export function threadsOf({ threads, localSize, launcher }: World, env: Environment, cores = availableParallelism()): number {
  const asked = Number(env.OMP_NUM_THREADS ?? "");
  const isAsked = Number.isInteger(asked) && asked > 0 && !(asked === 1 && launcher === "torchrun");
  return threads ?? (isAsked ? asked : Math.max(1, Math.floor(cores / localSize)));
}
