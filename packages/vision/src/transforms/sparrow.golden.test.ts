import { expectClose, golden } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { render } from "./render.js";
import { affine, hsvJitter } from "./steps/index.js";
import { drawn, expectBytes, marked, pictureOf, unmarked } from "./testing/golden-views.js";

const { image, hsv, geometry } = golden("transforms/sparrow");

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
