import { expectClose, golden } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { render, renderSample } from "./render.js";
import { affine, hsvJitter } from "./steps/index.js";
import { drawn, expectBytes, marked, pictureOf, unmarked } from "./testing/golden-views.js";

const { image, letterbox, hsv, geometry } = golden("transforms/sparrow");

describe("the HSV jitter equals sparrow's", () => {
  for (const [i, one] of hsv.entries()) {
    test(`draw ${i + 1}`, () => {
      const source = pictureOf(image);
      const [hue, saturation, value] = one.gains;
      const view = hsvJitter(unmarked(source), drawn(one.u), { hue, saturation, value });
      expectBytes(render(source, view, source), one.image, { largest: 3, mean: 0.6, name: "HSV" });
    });
  }
});

describe("scale, rotation and flip equal sparrow's one warp", () => {
  for (const [i, one] of geometry.entries()) {
    test(`draw ${i + 1}`, () => {
      const source = pictureOf(image);
      const draw = drawn(one.u);
      const view = affine(marked(image.width, image.height, one.boxes, source), draw, { flip: 0.5, reference: true });
      expect(draw.left()).toBe(0);
      expectClose(view.boxes, one.boxes_out, { atol: 2e-5 });
      expectBytes(render(source, view, source), one.image, { largest: 3, mean: 0.6, name: "warp" });
    });
  }
});

describe("the letterbox equals sparrow's", () => {
  for (const one of letterbox) {
    test(`${one.size} pixels`, () => {
      const sample = { ...unmarked(pictureOf(image)), image: pictureOf(image), id: "", source: "" };
      const square = {
        resize: "letterbox",
        width: one.size,
        height: one.size,
        fill: [114, 114, 114],
        align: "center",
        enlarge: true,
      } as const;
      const { sample: laid, placement } = renderSample(sample, unmarked(sample.image), square, () => 0);
      expect([placement.scale.x, placement.window.left, placement.window.top]).toEqual([one.scale, one.pad_left, one.pad_top]);
      expectBytes(laid.image, one.image, { largest: 1, mean: 0.6, name: "letterbox" });
    });
  }
});
