import { expect, test } from "vitest";
import { gpuCheck } from "./engine.js";

test.each([
  [["NVIDIA H100 (cuda:0)", "NVIDIA H100 (cuda:1)"], true, "2: NVIDIA H100 (cuda:0), NVIDIA H100 (cuda:1)"],
  [[], true, "built with CUDA, but no GPU was found"],
  [[], false, "none: this libtorch computes on the CPU alone"],
])("the GPUs %j, libtorch with CUDA %j: %s", (names, built, found) => {
  expect(gpuCheck({ names, built })).toEqual({ name: "GPUs", ok: true, found });
});
