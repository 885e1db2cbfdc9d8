import { expect, test } from "vitest";
import { countGpus, findGpus } from "./index.js";

const torchWith = (count: number | undefined) => ({ gpuCount: () => count, describeDevice: (device: string) => `Tesla (${device})` });

test("each GPU is found once", () => {
  expect(findGpus(torchWith(3)).names).toEqual(["Tesla (cuda:0)", "Tesla (cuda:1)", "Tesla (cuda:2)"]);
  expect(findGpus(torchWith(0))).toEqual({ names: [], built: true });
  expect(findGpus(torchWith(undefined))).toEqual({ names: [], built: false });
});

test("a process of its own counts them", async () => {
  expect(await countGpus()).toBe(findGpus(await import("@singleshot/torch")).names.length);
});
