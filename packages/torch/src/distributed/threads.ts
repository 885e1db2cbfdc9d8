import { type Cores, coresHere, shareOfCores, usableCores } from "../cores.js";
import type { Environment } from "./launchers/index.js";
import type { World } from "./world.js";

/** They tie each process to cores of its own, unless they are told not to. */
const BINDING: readonly string[] = ["Slurm", "OpenMPI"];

/**
 * How many threads each process of a world computes with, where nobody says: what its launcher gives it (no more than it may run on), else
 * `OMP_NUM_THREADS`, else its share of this host's cores. torchrun sets `OMP_NUM_THREADS` to 1 whatever the machine has, so a 1 of its is
 * not believed.
 */
export function threadsOf({ threads, localSize, launcher }: World, env: Environment, cores: Cores = coresHere()): number {
  const asked = Number(env.OMP_NUM_THREADS ?? "");
  const isAsked = Number.isInteger(asked) && asked > 0 && !(asked === 1 && launcher === "torchrun");
  if (threads !== undefined) return Math.min(threads, usableCores(cores));
  return isAsked ? asked : shareOfCores(localSize, cores, { binds: BINDING.includes(launcher) });
}
