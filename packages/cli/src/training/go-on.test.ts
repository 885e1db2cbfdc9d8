import type { World } from "@singleshot/torch/world";
import { expect, test } from "vitest";
import { howToGoOn } from "./go-on.js";

test("a run is gone on with as it was: threads, processes, launcher", () => {
  const place = { localRank: 0, masterAddress: "127.0.0.1", masterPort: 29500 };
  const said = (world?: Partial<World>) =>
    howToGoOn({ command: "train", out: "runs/my run", threads: 2, world: world && ({ rank: 0, ...place, ...world } as World) });
  const words = "train --resume 'runs/my run' --threads 2";
  expect(said()).toBe(`To go on:\n  npx singleshot ${words}`);
  expect(said({ launcher: "singleshot launch", size: 4, localSize: 4 })).toBe(
    `To go on:\n  npx singleshot launch --nproc-per-node 4 -- ${words}`,
  );
  for (const world of [
    { launcher: "singleshot launch", size: 4, localSize: 2 },
    { launcher: "Slurm", size: 4, localSize: 4 },
  ])
    expect(said(world)).toBe(`To go on, 4 processes as before, each:\n  npx singleshot ${words}`);
});

test("and on the device that was asked for", () => {
  expect(howToGoOn({ command: "pretrain", out: "runs/a", device: "cuda:1" })).toBe(
    "To go on:\n  npx singleshot pretrain --resume runs/a --device cuda:1",
  );
});
