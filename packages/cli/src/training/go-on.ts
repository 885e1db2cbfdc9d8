import type { World } from "@singleshot/torch/world";
import { shellWord } from "../terminal/index.js";

interface Interrupted {
  command: "train" | "pretrain";
  out: string;
  threads?: number | undefined;
  /** the processes that trained together */
  world?: World | undefined;
}

/** How one goes on with a run as it was: with as many threads and processes. */
export function howToGoOn({ command, out, threads, world }: Interrupted): string {
  const words = `${command} --resume ${shellWord(out)}${threads ? ` --threads ${threads}` : ""}`;
  if (world === undefined) return `To go on:\n  npx singleshot ${words}`;
  if (world.launcher !== "singleshot launch" || world.localSize < world.size)
    return `To go on, ${world.size} processes as before, each:\n  npx singleshot ${words}`;
  return `To go on:\n  npx singleshot launch --nproc-per-node ${world.size} -- ${words}`;
}
