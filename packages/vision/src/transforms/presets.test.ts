import { describe, expect, test } from "vitest";
import { augmentationPresets, sparrowAugmentation } from "./preset-list.js";
import { type AugmentationStep, planAugmentation } from "./presets.js";
import { painted } from "./testing/painted.js";

describe("sparrow's switches", () => {
  const names = (steps: AugmentationStep[]) => steps.map(({ step }) => step);

  test("leave out what is off", () => {
    expect(names(sparrowAugmentation())).toEqual(["affine", "hsv-jitter", "small-boxes"]);
    expect(names(sparrowAugmentation({ color: false }))).toEqual(["affine", "small-boxes"]);
    expect(sparrowAugmentation({ rotate: false, scale: false, flip: false, color: false, minBoxSize: 5 })).toEqual([
      { step: "affine", scale: [1, 1], degrees: 0, flip: 0, reference: false },
      { step: "small-boxes", side: 5 },
    ]);
  });

  test("with all geometry off the picture stays as it is", () => {
    const sample = painted(9, 7, [[1, 1, 5, 5]]);
    const view = planAugmentation(sample, sparrowAugmentation({ rotate: false, scale: false, flip: false }), () => 0.3);
    expect([...view.boxes]).toEqual([1, 1, 5, 5]);
    expect(view.toPicture.map((x) => x + 0)).toEqual([1, 0, 0, 0, 1, 0]);
  });
});

test("what is a slip of an original stands in its reference preset alone", () => {
  const differing = Object.keys(augmentationPresets).filter((name) => name.endsWith("-reference"));
  expect(differing).toEqual([
    "lsj-reference",
    "jetson-reference",
    "jetson-vgg16-reference",
    "gluoncv-reference",
    "sparrow-reference",
    "retinanet-scratch-reference",
  ]);
  const slips = [/"sample-crop"/, /"half-turns"/, /"reference":true/, /"diagonal"/];
  for (const [name, steps] of Object.entries(augmentationPresets))
    expect(
      slips.some((slip) => slip.test(JSON.stringify(steps))),
      name,
    ).toBe(differing.includes(name));
});
