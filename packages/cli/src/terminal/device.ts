import type { Device } from "@singleshot/torch";
import type { World } from "@singleshot/torch/world";
import type { Terminal } from "./terminal.js";

interface Asked {
  /** what `--device` said */
  word?: string | undefined;
  /** the processes that compute together, each on a device of its own */
  world?: World | undefined;
}

/** `device: NVIDIA H100 (cuda:0)`; the CPU is only spoken of where it was asked for. */
export async function tellDevice(device: Device, { word, world }: Asked, { say }: Pick<Terminal, "say">): Promise<void> {
  if (device === "cpu" && word === undefined) return;
  const { describeDevice } = await import("@singleshot/torch");
  say(`device${world ? ` of rank ${world.rank}` : ""}: ${describeDevice(device)}`);
}
