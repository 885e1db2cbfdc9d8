import { threadsOf, type World } from "@singleshot/torch/world";
import type { Terminal } from "./terminal.js";
import { count } from "./text.js";

/** `rank 0 of 2 (torchrun), master 127.0.0.1:29500, 1 thread each` */
export function tellWorld(world: World, threads: number | undefined, { say }: Terminal): void {
  const { rank, size, launcher, masterAddress, masterPort } = world;
  const host = masterAddress.includes(":") ? `[${masterAddress}]` : masterAddress;
  say(
    `rank ${rank} of ${size} (${launcher}), master ${host}:${masterPort}, ${count(threads ?? threadsOf(world, process.env), "thread")} each`,
  );
}
