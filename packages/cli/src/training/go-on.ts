import type { World } from "@singleshot/torch/world";
import { shellWord } from "../terminal/index.js";

interface Interrupted {
  command: "train" | "pretrain";
  out: string;
  threads?: number | undefined;
  /** what `--device` said */
  device?: string | undefined;
  /** the processes that trained together */
  world?: World | undefined;
}

/** How one goes on with a run as it was: with as many threads and processes, on the same device. */
export function howToGoOn({ command, out, threads, device, world }: Interrupted): string {
  const flags = [device && ` --device ${device}`, threads && ` --threads ${threads}`].filter(Boolean).join("");
  const words = `${command} --resume ${shellWord(out)}${flags}`;
  if (world === undefined) return `To go on:\n  npx singleshot ${words}`;
  if (world.launcher !== "singleshot launch" || world.localSize < world.size)
    return `To go on, ${world.size} processes as before, each:\n  npx singleshot ${words}`;
  return `To go on:\n  npx singleshot launch --nproc-per-node ${world.size} -- ${words}`;
}
