import { expectClose, expectRecord, golden } from "@singleshot/testing";
import { describe, expect, test } from "vitest";
import { brightened, changeFloats, type FloatColorChange, multiplied } from "./color/index.js";
import { augmentationPresets } from "./preset-list.js";
import { type AugmentationStep, planAugmentation } from "./presets.js";
import { render, resample } from "./render.js";
import { sampleCrop, zoomOut } from "./steps/index.js";
import { drawn, expectFloats, flat, kept, marked, pictureOf, planes, unmarked } from "./testing/golden-views.js";
import { scaleBoxes, type View } from "./view.js";

const { image, steps, pipeline, sample_crop, expand, test_transform, prediction_transform } = golden("transforms/jetson");

/** Where the original flips, and leaves unexpanded, from ½ on, we do below ½. */
const mirrored = (u: number) => 1 - u - 2 ** -40;

/** Colours in float on the picture as it is, then the geometry: the original's order. */
function inFloat(view: View, size: number): Float32Array {
  const source = pictureOf(image);
  const floats = Float64Array.from(source.data);
  changeFloats(floats, view.colors as FloatColorChange[]);
  const out = new Float32Array(3 * size * size);
  resample({ ...source, data: Float32Array.from(floats) }, view, { width: size, height: size }, out);
  return out;
}

const normalized = (pixels: ArrayLike<number>, { mean, std }: { mean: number[]; std: number }) => {
  return planes(Float64Array.from({ length: pixels.length }, (_, i) => (pixels[i]! - mean[i % 3]!) / std));
};

describe("colours equal pytorch-ssd's floats", () => {
  const changeOf = ({ scale, delta, alpha, step }: { step: string; scale?: number; delta?: number; alpha?: number }): FloatColorChange => {
    if (step === "brightness") return brightened(delta!);
    if (step === "contrast") return multiplied(alpha!);
    return { change: "hsv", hue: delta ?? 0, saturation: scale ?? 1 };
  };
  for (const one of steps.filter((step: { step: string }) => !step.step.startsWith("rgb_to_hsv"))) {
    test(`${one.step} ${one.scale ?? one.delta ?? one.alpha ?? ""}`, () => {
      const floats = Float64Array.from(pictureOf(image).data);
      changeFloats(floats, [changeOf(one)]);
      expectFloats(floats, one.out, one.step);
    });
  }

  test("special colours stay what they are by way of HSV, bright and dark beyond the bytes too", () => {
    const special = steps.at(-1);
    const floats = Float64Array.from(special.in.flat());
    changeFloats(floats, [{ change: "hsv", hue: 360, saturation: 1 }]);
    expectClose(floats, special.back, { atol: 1e-3 });
  });
});

test("the sample crop takes pytorch-ssd's crops and keeps its boxes", () => {
  for (const one of sample_crop) {
    const draw = drawn(one.u);
    const view = sampleCrop(marked(one.image_hw[1], one.image_hw[0], one.boxes), draw);
    expect(draw.left()).toBe(0);
    expect([view.size.height, view.size.width]).toEqual(one.out_hw);
    expect([...view.labels]).toEqual(one.kept_labels);
    expect(view.boxes).toEqual(flat(one.boxes_out));
  }
});

test("the expansion's canvas, place, boxes and pixels are pytorch-ssd's", () => {
  for (const one of expand) {
    const source = pictureOf(image);
    const view = zoomOut(marked(image.width, image.height, one.boxes, source), drawn(one.u), { fill: one.mean, places: "fractional" });
    const [height, width] = one.out_hw;
    expect(view.size).toEqual({ width, height });
    expect(view.boxes).toEqual(flat(one.boxes_out));
    expectFloats(render(source, view, { width, height }).data, one.image, "expand");
  }
});

describe("the whole augmentation equals pytorch-ssd's, from the random numbers to the normalised pixels", () => {
  const plan = augmentationPresets["jetson-reference"];
  for (const [i, one] of pipeline.entries()) {
    test(`draw ${i + 1}: ${one.calls.length} numbers`, () => {
      const numbers = drawn(one.u);
      const flipped: AugmentationStep[] = plan.slice(0, -1);
      const source = { ...pictureOf(image), boxes: flat(one.boxes) };
      const sample = { ...marked(image.width, image.height, one.boxes), image: source, id: "", source: "" };
      const unflipped = planAugmentation(sample, flipped, numbers);
      const last = mirrored(numbers());
      expect(numbers.left()).toBe(0);
      const view = planAugmentation(sample, plan, drawn([...one.u.slice(0, -1), last]));
      expect(view.size).toEqual(unflipped.size);
      expect(kept(view).map((k) => k + 1)).toEqual(one.labels_out);
      expectClose(scaleBoxes(view.boxes, view.size, { width: 1, height: 1 }), one.boxes_out, { atol: 2e-6 });
      expectRecord(normalized(inFloat(view, one.size), one), [3, one.size, one.size], one.image, { tol: 1e-5 });
    });
  }
});

test("pictures to be tested or predicted are stretched and normalised as pytorch-ssd's", () => {
  for (const one of [test_transform, prediction_transform]) {
    const source = pictureOf(image);
    const size = { width: one.size, height: one.size };
    const { data } = render(source, unmarked(source), size);
    const theirs = normalized(data, one);
    expectClose(
      one.image.idx.map((i: number) => theirs[i]!),
      one.image.val,
      { atol: 1.001 / one.std },
    ); // one grey level: OpenCV rounds its own way
    if (one.boxes) expectClose(scaleBoxes(flat(one.boxes), image, { width: 1, height: 1 }), one.boxes_out, { atol: 1e-6 });
  }
});
