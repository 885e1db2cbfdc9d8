import { expectClose, expectRecord, golden } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { applyColors, type ColorChange } from "./color/index.js";
import { render, resample } from "./render.js";
import { aspectFits, cropIfOverlapping, iouCrop, withShortSide, zoomOut } from "./steps/index.js";
import { drawn, expectBytes, flat, kept, marked, pictureOf, planes, unmarked, wholeOf, windowOf } from "./testing/golden-views.js";
import { flip, type Size, scaleBoxes } from "./view.js";

describe("colours equal torchvision's 8-bit functions", () => {
  const { image, cases } = golden("transforms/color");
  for (const { op, factor, uint8 } of cases) {
    test(`${op} ${factor}`, () => {
      const changed = pictureOf(image);
      const change = { change: op.replace("adjust_", ""), factor } as ColorChange;
      applyColors(changed, wholeOf(changed), [change]);
      expectBytes(changed, uint8, { largest: 1, mean: 0.6, name: op });
    });
  }
});

describe("geometry equals torchvision's", () => {
  const { image, hflip, resize, generalized_rcnn_transform } = golden("transforms/geometry");

  test("horizontal flip", () => {
    const source = pictureOf(image);
    const flipped = flip(marked(image.width, image.height, hflip.boxes, source));
    expectBytes(render(source, flipped, source), hflip.image_uint8, { largest: 0, mean: 0, name: "hflip" });
    expect(flipped.boxes).toEqual(flat(hflip.flipped));
  });

  for (const { size_hw, plain } of resize) {
    const [height, width] = size_hw;
    test(`resize to ${height} x ${width}`, () => {
      const source = pictureOf(image);
      const view = unmarked(source);
      expectBytes(render(source, view, { width, height }), plain.uint8, { largest: 1, mean: 0.6, name: "bytes" });
      const floats = new Float32Array(3 * width * height);
      resample(source, view, { width, height }, floats);
      const unit = planes(floats).map((x) => x / 255);
      expectRecord(unit, [3, height, width], plain.float32, { tol: 1e-5, sumTol: 1e-6 });
    });
  }

  for (const { size_hw, antialias } of resize) {
    const [height, width] = size_hw;
    test(`resize to ${height} x ${width} without aliasing`, () => {
      const source = pictureOf(image);
      const view = { ...unmarked(source), interpolation: "antialias" as const };
      expectBytes(render(source, view, { width, height }), antialias.uint8, { largest: 1, mean: 0.6, name: "bytes" });
      const floats = new Float32Array(3 * width * height);
      resample(source, view, { width, height }, floats);
      const unit = planes(floats).map((x) => x / 255);
      expectRecord(unit, [3, height, width], antialias.float32, { tol: 1e-5, sumTol: 1e-6 });
    });
  }

  test("the short side of a resize, and its limit", () => {
    const sized = ([height, width]: number[]): Size => ({ width: width!, height: height! });
    for (const { size, max_size, from_hw, to_hw } of golden("transforms/geometry").resize_shorter_edge)
      expect(withShortSide(sized(from_hw), size, max_size ?? undefined)).toEqual(sized(to_hw));
  });

  test("boxes follow their picture through the resize and back", () => {
    for (const one of generalized_rcnn_transform) {
      one.boxes.forEach((boxes: number[][], i: number) => {
        const [height, width] = one.image_sizes[i];
        const from = one.images[i];
        const resized = scaleBoxes(flat(boxes), from, { width, height });
        expectClose(resized, one.resized_boxes[i], { rtol: 2e-6, atol: 2e-9 });
        expectClose(scaleBoxes(resized, { width, height }, from), one.boxes_mapped_back[i], { rtol: 2e-6, atol: 2e-9 });
      });
    }
  });
});

describe("SSD's augmentation equals torchvision's", () => {
  const { image, zoom_out, iou_crop_rule, iou_crop_trace } = golden("transforms/ssd_augment");

  test("zoom-out: canvas, place, boxes and pixels", () => {
    for (const one of zoom_out) {
      const source = pictureOf(image);
      const draw = drawn(one.u, { float32: true });
      const view = zoomOut(marked(image.width, image.height, one.boxes, source), draw, { range: one.side_range, fill: one.fill, p: one.p });
      const [height, width] = one.canvas_hw;
      expect(view.size).toEqual({ width, height });
      const { left, top } = windowOf(view);
      if (one.applied) expect({ left, top }).toEqual({ left: 0 - one.left_top[0], top: 0 - one.left_top[1] });
      expect(view.boxes).toEqual(flat(one.boxes_out));
      expectBytes(render(source, view, { width, height }), one.image_uint8, { largest: 0, mean: 0, name: "zoom-out" });
      expect(draw.left()).toBe(0);
    }
  });

  test("IoU crop: which crops are accepted, and which boxes stay", () => {
    for (const one of iou_crop_rule) {
      const [left, top, width, height] = one.crop_ltwh;
      const view = marked(one.image_hw[1], one.image_hw[0], one.boxes);
      const seen = aspectFits(width, height, [0.5, 2]) ? cropIfOverlapping(view, { left, top, width, height }, one.min_iou) : undefined;
      expect(seen !== undefined, `${one.crop_ltwh} at ${one.min_iou}`).toBe(one.accepted);
      if (!seen) continue;
      expect(kept(seen)).toEqual(one.kept);
      expect(seen.boxes).toEqual(flat(one.boxes_out));
    }
  });

  test("IoU crop: from the random numbers to the boxes", () => {
    for (const one of iou_crop_trace) {
      const draw = drawn(one.u, { float32: true });
      const view = marked(one.image_hw[1], one.image_hw[0], one.boxes);
      const seen = iouCrop(view, draw);
      expect(draw.left()).toBe(0);
      expect(seen !== view).toBe(one.cropped);
      if (!one.cropped) continue;
      expect(windowOf(seen)).toEqual(Object.fromEntries(["left", "top", "width", "height"].map((name, i) => [name, one.crop_ltwh[i]])));
      expect(kept(seen)).toEqual(one.kept);
      expect(seen.boxes).toEqual(flat(one.boxes_out));
    }
  });
});
