import { expect, test } from "vitest";
import { countGpus, findGpus } from "./index.js";

const torchWith = (count: number, configuration: string) => ({
  findDevice: (_: string, { index = 0 } = {}) => (count === 0 ? "cpu" : `cuda:${index % count}`),
  describeDevice: (device: string) => `Tesla (${device})`,
  libtorchConfiguration: () => configuration,
});

test("each GPU is found once", () => {
  expect(findGpus(torchWith(3, "USE_CUDA=1, ")).names).toEqual(["Tesla (cuda:0)", "Tesla (cuda:1)", "Tesla (cuda:2)"]);
  expect(findGpus(torchWith(0, "USE_CUDA=ON, "))).toEqual({ names: [], built: true });
  expect(findGpus(torchWith(0, "USE_CUDA=OFF, "))).toEqual({ names: [], built: false });
});

test("a process of its own counts them", async () => {
  expect(await countGpus()).toBe(findGpus(await import("@singleshot/torch")).names.length);
});
