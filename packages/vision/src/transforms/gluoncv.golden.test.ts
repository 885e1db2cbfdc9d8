import { expectClose, golden } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { changeFloats, type FloatColorChange } from "./color/index.js";
import { constrainedCrop, cropped, floatPhotometric } from "./steps/index.js";
import { drawn, expectFloats, kept, marked, pictureOf, unmarked, windowOf } from "./testing/golden-views.js";
import { crop, flip, scaleBoxes } from "./view.js";

const { image, color_distort, random_crop, boxes } = golden("transforms/gluoncv");

describe("colours equal GluonCV's floats", () => {
  for (const [i, one] of color_distort.entries()) {
    test(`draw ${i + 1}: ${one.calls.length} numbers`, () => {
      const source = pictureOf(image);
      const draw = drawn(one.u.slice(0, one.calls.length)); // the record goes on beyond them
      const view = floatPhotometric(unmarked(source), draw, { space: "yiq", pChannels: 0, hueUnit: "half-turns" });
      expect(draw.left()).toBe(0);
      const floats = Float64Array.from(source.data);
      changeFloats(floats, view.colors as FloatColorChange[]);
      expectFloats(floats, one.out, "colours");
    });
  }
});

test("the constrained crop: from the random numbers to the boxes", () => {
  for (const one of random_crop) {
    const draw = drawn(one.u);
    const view = constrainedCrop(
      marked(
        one.image_hw[1],
        one.image_hw[0],
        one.boxes_and_class.map((box: number[]) => box.slice(0, 4)),
      ),
      draw,
    );
    expect(draw.left()).toBe(0);
    const [left, top, width, height] = one.crop_ltwh;
    expect(windowOf(view)).toEqual({ left, top, width, height });
    expect(kept(view)).toEqual(one.boxes_out.map((box: number[]) => box[4]));
    expectClose(
      view.boxes,
      one.boxes_out.map((box: number[]) => box.slice(0, 4)),
      { rtol: 2e-6, atol: 2e-6 },
    );
  }
});

describe("boxes go where GluonCV's go", () => {
  const { size_wh, flip_x, resize_to_wh, resized, translate, crop: cut } = boxes;
  const view = marked(size_wh[0], size_wh[1], boxes.boxes);

  test("flip", () => expectClose(flip(view).boxes, flip_x, { atol: 1e-5 }));

  test("resize", () => {
    const to = { width: resize_to_wh[0], height: resize_to_wh[1] };
    expectClose(scaleBoxes(view.boxes, view.size, to), resized, { rtol: 1e-6 });
  });

  test("translation", () => {
    const moved = crop(view, { left: -translate.x, top: -translate.y, ...view.size });
    expectClose(moved.boxes, translate.out, { atol: 1e-5 });
  });

  test("crop", () => {
    const [left, top, width, height] = cut.ltwh;
    expectClose(cropped(view, { left, top, width, height })!.boxes, cut.out, { atol: 1e-5 });
  });
});
