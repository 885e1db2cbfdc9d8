import { InputError } from "@singleshot/vision";

/**
 * What torchrun, Slurm and Kubeflow say of how many processes train together. One is all there is here yet.
 *
 * @throws InputError for more
 */
export function requireOneProcess(env: Readonly<Record<string, string | undefined>> = process.env): void {
  const size = env.WORLD_SIZE ?? (env.SLURM_PROCID === undefined ? undefined : env.SLURM_NTASKS);
  if (size === undefined || Number(size) === 1) return;
  throw new InputError(`${size} processes are asked for, and training in several is not there yet`, {
    file: env.WORLD_SIZE === undefined ? "SLURM_NTASKS" : "WORLD_SIZE",
    fix: "start one: `data.batchSize` counts the pictures of a step whatever the number of processes",
  });
}
