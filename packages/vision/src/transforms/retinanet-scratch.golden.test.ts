import { expectClose, golden } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { augmentationPresets } from "./preset-list.js";
import { type AugmentationStep, planAugmentation } from "./presets.js";
import { render, renderSample } from "./render.js";
import { areaCrop, centerCrop } from "./steps/index.js";
import { drawn, expectBytes, kept, marked, pictureOf } from "./testing/golden-views.js";
import { dropSmall } from "./view.js";

const { image, random_crop, train_pipeline, test: tests } = golden("transforms/retinanet_scratch");

/** y1, x1, y2, x2 to x1, y1, x2, y2 and back */
const turned = (boxes: number[][]) => boxes.map(([a, b, c, d]) => [b!, a!, d!, c!]);
const sampleOf = (boxes: number[][]) => ({
  ...marked(image.width, image.height, turned(boxes)),
  image: pictureOf(image),
  id: "",
  source: "",
});

test("the random crop: from the random numbers to boxes and pixels", () => {
  for (const one of random_crop) {
    const source = pictureOf(image);
    const draw = drawn(one.u);
    const view = areaCrop(marked(image.width, image.height, turned(one.boxes), source), draw, { reference: true });
    expect(draw.left()).toBe(0);
    expect([view.size.height, view.size.width]).toEqual(one.out_hw);
    expectClose(view.boxes, turned(one.boxes_out), { atol: 2e-6 });
    expectBytes(render(source, view, view.size), one.image, { largest: 0, mean: 0, name: "crop" });
  }
});

describe("the whole augmentation equals the tutorial's", () => {
  for (const [i, one] of train_pipeline.entries()) {
    test(`draw ${i + 1}`, () => {
      const draw = drawn(one.u);
      const sample = sampleOf(one.boxes);
      const view = planAugmentation(sample, augmentationPresets["retinanet-scratch-reference"], draw);
      expect(draw.left()).toBe(0);
      const input = { resize: "stretch", width: one.size, height: one.size } as const;
      const { image: pixels, boxes } = renderSample(sample, view, input, draw).sample;
      expectClose(boxes, turned(one.boxes_out), { atol: 1e-4 });
      expectBytes(pixels, one.image, { largest: 1, mean: 0.6, name: "pixels" });
    });
  }
});

describe("the test transform equals the tutorial's", () => {
  for (const one of tests) {
    const input = { resize: "stretch", width: one.size, height: one.size } as const;

    test(`the pixels at ${one.size}: short side, middle square`, () => {
      const plan: AugmentationStep[] = [
        { step: "interpolation", kinds: ["antialias"] },
        { step: "short-side", sides: [one.size], longest: 1000, rounding: "nearest" },
        { step: "center-crop", side: one.size },
      ];
      const sample = sampleOf([]);
      const view = planAugmentation(sample, plan, () => 0);
      const { image: pixels } = renderSample(sample, view, input, () => 0).sample;
      expectBytes(pixels, one.image, { largest: 1, mean: 0.6, name: "pixels" });
    });

    // The tutorial scales both sides of the boxes as the short side; ours go with the pixels.
    test(`the boxes at ${one.size}: cut at the square, and left out up to 25 square pixels`, () => {
      const resized = marked(one.resized_hw[1], one.resized_hw[0], turned(one.resized_boxes));
      const view = centerCrop(resized, () => 0, { side: one.size, reference: true });
      expectClose(view.boxes, turned(one.boxes_out), { atol: 1e-5 });
      expect(kept(dropSmall(view, { side: 0, area: 25 }))).toEqual(one.kept_area_above_25);
    });
  }
});
