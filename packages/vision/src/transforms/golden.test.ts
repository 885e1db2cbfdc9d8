import { expectClose, expectRecord, golden, goldenPicture, type StatisticRecord } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import type { Picture } from "../sample.js";
import { applyColors, type ColorChange } from "./color.js";
import { render, resample } from "./render.js";
import { aspectFits, cropIfOverlapping, iouCrop, zoomOut } from "./steps.js";
import { flip, scaleBoxes, type View, viewOf } from "./view.js";

const noMarks = { boxes: new Float32Array(0), labels: new Int32Array(0), flags: new Uint8Array(0) };
const picture = (recipe: { name: string; width: number; height: number; block: number }): Picture => {
  return { data: goldenPicture(recipe), width: recipe.width, height: recipe.height };
};
const flat = (boxes: number[][]) => Float32Array.from(boxes.flat());
const marked = (width: number, height: number, boxes: number[][], image: Picture = { data: new Uint8Array(0), width, height }): View => {
  return viewOf({ image, boxes: flat(boxes), labels: Int32Array.from(boxes, (_, i) => i + 1), flags: new Uint8Array(boxes.length) });
};
const kept = (view: View) => [...view.labels].map((label) => label - 1);

/** [H, W, 3] → [3, H, W] */
function planes(data: ArrayLike<number>): Float64Array {
  const area = data.length / 3;
  return Float64Array.from({ length: data.length }, (_, i) => data[(i % area) * 3 + Math.floor(i / area)]!);
}

/** Grey levels: the largest difference of the listed pixels, and the mean over all. */
function expectBytes(ours: Picture, record: StatisticRecord, { largest, mean, name }: { largest: number; mean: number; name: string }) {
  const values = planes(ours.data);
  const shape = [3, ours.height, ours.width];
  expect(shape, name).toEqual(record.shape);
  expectClose(
    record.idx.map((i) => values[i]!),
    record.val,
    { atol: largest, name },
  );
  const theirs = record.sum / values.length;
  expectClose([values.reduce((a, b) => a + b) / values.length], [theirs], { atol: mean, name: `${name}, mean` });
}

/** torch.rand is float32. */
const drawn = (u: number[]) => {
  const queue = u.map(Math.fround);
  return Object.assign(() => queue.shift()!, { left: () => queue.length });
};

describe("colours equal torchvision's 8-bit functions", () => {
  const { image, cases } = golden("transforms/color");
  for (const { op, factor, uint8 } of cases) {
    test(`${op} ${factor}`, () => {
      const changed = picture(image);
      const change = { change: op.replace("adjust_", ""), factor } as ColorChange;
      applyColors(changed, { left: 0, top: 0, ...changed }, [change]);
      expectBytes(changed, uint8, { largest: 1, mean: 0.6, name: op });
    });
  }
});

describe("geometry equals torchvision's", () => {
  const { image, hflip, resize, generalized_rcnn_transform } = golden("transforms/geometry");

  test("horizontal flip", () => {
    const source = picture(image);
    const flipped = flip(marked(image.width, image.height, hflip.boxes, source));
    expectBytes(render(source, flipped, source), hflip.image_uint8, { largest: 0, mean: 0, name: "hflip" });
    expect(flipped.boxes).toEqual(flat(hflip.flipped));
  });

  for (const { size_hw, plain } of resize) {
    const [height, width] = size_hw;
    test(`resize to ${height} x ${width}`, () => {
      const source = picture(image);
      const view = viewOf({ image: source, ...noMarks });
      expectBytes(render(source, view, { width, height }), plain.uint8, { largest: 1, mean: 0.6, name: "bytes" });
      const floats = new Float32Array(3 * width * height);
      resample(source, view, { width, height }, floats);
      const unit = planes(floats).map((x) => x / 255);
      expectRecord(unit, [3, height, width], plain.float32, { tol: 1e-5, sumTol: 1e-6 });
    });
  }

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
      const source = picture(image);
      const draw = drawn(one.u);
      const view = zoomOut(marked(image.width, image.height, one.boxes, source), draw, { range: one.side_range, fill: one.fill, p: one.p });
      const [height, width] = one.canvas_hw;
      expect([view.window.height, view.window.width]).toEqual([height, width]);
      if (one.applied) expect([view.visible.left - view.window.left, view.visible.top - view.window.top]).toEqual(one.left_top);
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
      const draw = drawn(one.u);
      const view = marked(one.image_hw[1], one.image_hw[0], one.boxes);
      const seen = iouCrop(view, draw);
      expect(draw.left()).toBe(0);
      expect(seen !== view).toBe(one.cropped);
      if (!one.cropped) continue;
      expect(seen.window).toEqual(Object.fromEntries(["left", "top", "width", "height"].map((name, i) => [name, one.crop_ltwh[i]])));
      expect(kept(seen)).toEqual(one.kept);
      expect(seen.boxes).toEqual(flat(one.boxes_out));
    }
  });
});
