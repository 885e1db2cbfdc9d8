import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomOf } from "../random.js";
import type { Sample } from "../sample.js";
import { batchSize, boxesFromInput, boxesIntoInput, evaluationInput, type InputOptions, maxPixels, placePicture } from "./fit.js";
import { augmentationPresets } from "./preset-list.js";
import { augment, planAugmentation } from "./presets.js";
import { render, renderSample } from "./render.js";
import { iouCrop, photometric, randomRotate, scaleJitter, zoomOut } from "./steps/index.js";
import { BACKGROUND, brightBox, painted } from "./testing/painted.js";
import { crop, dropSmall, flip, flipVertical, rotate, sizeOf, type View, viewOf } from "./view.js";

const sizes = fc.integer({ min: 16, max: 48 });
const scenes = fc.tuple(sizes, sizes, fc.integer()).map(([width, height, seed]) => {
  const [x1, y1] = [1 + (Math.abs(seed) % 4), 2 + (Math.abs(seed) % 3)];
  return painted(width, height, [[x1, y1, x1 + 8, y1 + 9]]);
});
const pixels = (view: View, sample: Sample) => render(sample.image, view, sizeOf(view));
const steps: [string, (view: View) => View][] = [
  ["flip", flip],
  ["vertical flip", flipVertical],
  ["half turn", (view) => rotate(rotate(view))],
];

describe("views", () => {
  for (const [name, step] of steps) {
    test(`${name} twice is no change`, () => {
      fc.assert(
        fc.property(scenes, (scene) => {
          const twice = step(step(viewOf(scene)));
          expect(twice.boxes).toEqual(scene.boxes);
          expect(Buffer.compare(pixels(twice, scene).data, scene.image.data)).toBe(0);
        }),
      );
    });
  }

  test("four quarter turns are no change; a quarter turn takes the upper left corner to the upper right", () => {
    const scene = painted(30, 20, [[0, 0, 8, 4]]);
    const once = rotate(viewOf(scene));
    expect([...once.boxes]).toEqual([16, 0, 20, 8]);
    expect(sizeOf(once)).toEqual({ width: 20, height: 30 });
    expect(pixels(rotate(rotate(rotate(once))), scene)).toEqual(scene.image);
  });

  test("in every order of crops, flips and turns, the painted rectangle is found under its box", () => {
    const step = fc.constantFrom(flip, flipVertical, rotate, (view: View) => {
      const [x1, y1, x2, y2] = view.boxes as unknown as [number, number, number, number];
      const { width, height } = sizeOf(view);
      const [left, top] = [Math.floor(x1 / 2), Math.floor(y1 / 2)]; // never through the rectangle
      return crop(view, { left, top, width: Math.ceil((x2 + width) / 2) - left, height: Math.ceil((y2 + height) / 2) - top });
    });
    const away = (view: View) => crop(view, { left: -3, top: -5, width: sizeOf(view).width + 9, height: sizeOf(view).height + 6 });
    fc.assert(
      fc.property(scenes, fc.array(fc.oneof(step, fc.constant(away)), { maxLength: 8 }), (scene, order) => {
        const view = order.reduce((seen, one) => one(seen), viewOf(scene));
        expect(brightBox(pixels(view, scene))).toEqual([...view.boxes]);
      }),
    );
  });

  test("what a crop cut off does not come back with a zoom-out: there is fill", () => {
    const scene = painted(20, 20, [[0, 0, 4, 4]]);
    const cut = crop(viewOf(scene), { left: 10, top: 10, width: 10, height: 10 });
    const back = { ...crop(cut, { left: -10, top: -10, width: 20, height: 20 }), fill: [1, 2, 3] as const };
    const { data } = render(scene.image, back, { width: 20, height: 20 });
    expect([...data.subarray(0, 3)]).toEqual([1, 2, 3]);
    expect([...data.subarray(data.length - 3)]).toEqual(BACKGROUND);
  });

  test("the one pass equals crop, flip and resize one after the other", () => {
    const scene = painted(40, 30, [[5, 6, 20, 18]]);
    const part = { left: 3, top: 4, width: 25, height: 21 };
    const view = flip(crop(viewOf(scene), part));
    const cropped = pixels(crop(viewOf(scene), part), scene);
    const flipped = render(cropped, flip(viewOf({ ...scene, image: cropped })), part);
    const stepwise = render(flipped, viewOf({ ...scene, image: flipped }), { width: 33, height: 50 });
    expect(render(scene.image, view, { width: 33, height: 50 })).toEqual(stepwise);
  });

  test("slivers are dropped, with their labels and flags", () => {
    const scene = painted(20, 20, [
      [0, 0, 4, 4],
      [3, 3, 3.9, 9],
      [5, 5, 6, 6],
    ]);
    const view = dropSmall(viewOf(scene), { side: 1, area: 0 });
    expect([[...view.labels], [...view.flags]]).toEqual([
      [1, 3],
      [0, 2],
    ]);
  });
});

const stretched = (width: number, height: number) => ({ resize: "stretch", width, height }) as const;

describe("steps", () => {
  test("the same seed, epoch and index give the same sample, others give others, and the original stays as it is", () => {
    const scene = painted(40, 40, [[3, 3, 20, 20]]);
    const before = structuredClone(scene);
    const at = (...keys: number[]) => augment(scene, augmentationPresets.ssd, randomOf(...keys), stretched(20, 20)).sample;
    expect(at(1, 2, 3)).toEqual(at(1, 2, 3));
    expect(new Set(Array.from({ length: 20 }, (_, i) => String(at(1, 2, i).image.data))).size).toBeGreaterThan(15);
    expect(scene).toEqual(before);
  });

  test("a sample goes into a place in a batch, which may be shared between threads", () => {
    const scene = painted(16, 16, [[2, 2, 9, 9]]);
    const batch = new Uint8Array(new SharedArrayBuffer(2 * 3 * 16 * 16)).fill(7);
    const place = batch.subarray(3 * 16 * 16);
    const { sample } = renderSample(scene, viewOf(scene), stretched(16, 16), randomOf(0), place);
    expect(sample.image.data).toBe(place);
    expect([...place]).toEqual([...scene.image.data]);
    expect(batch[0]).toBe(7);
  });

  test("zoom-out colours only what shows of the picture: the fill keeps its colour", () => {
    const scene = painted(20, 20, [[5, 5, 15, 15]]);
    const dark = photometric(viewOf(scene), () => 0, { brightness: [0, 0] });
    const view = zoomOut({ ...dark, colors: [{ change: "brightness", factor: 0 }] }, () => 0.4);
    const { data } = pixels(view, scene);
    expect([...data.subarray(data.length - 3)]).toEqual([123, 117, 104]);
    expect(data.filter((value) => value === 0).length).toBe(3 * 20 * 20);
  });

  test("a picture without boxes passes the IoU crop unchanged and is jittered in scale all the same", () => {
    const empty = viewOf(painted(20, 20, []));
    expect(iouCrop(empty, randomOf(1))).toBe(empty);
    expect(scaleJitter(empty, randomOf(1), { range: [0.5, 0.5] }).size.width).toBe(40);
  });

  test("every direction of the turn occurs about as often as the others", () => {
    const view = viewOf(painted(20, 20, []));
    const turns = Array.from({ length: 4000 }, (_, i) => JSON.stringify(randomRotate(view, randomOf(i)).toPicture));
    const counts = [...new Set(turns)].map((turn) => turns.filter((other) => other === turn).length);
    expect(counts.length).toBe(4);
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120); // four standard deviations
  });

  test("presets name their steps, and an unchanged view is the plain resize", () => {
    const scene = painted(20, 10, [[2, 2, 9, 9]]);
    expect(planAugmentation(scene, augmentationPresets.eval, randomOf(0))).toEqual(viewOf(scene));
    const { sample } = augment(scene, augmentationPresets.eval, randomOf(0), stretched(40, 40));
    expect([...sample.boxes]).toEqual([4, 8, 18, 36]);
  });
});

describe("a picture is laid into the input", () => {
  const scene = painted(20, 10, [[2, 2, 8, 6]]);
  const laid = (input: InputOptions) => augment(scene, [], randomOf(0), input);

  test("as a letterbox: its own pixels in the window, the fill around it", () => {
    const { sample, placement } = laid({ resize: "letterbox", width: 20, height: 20, fill: [1, 2, 3], align: "center", enlarge: true });
    expect(placement.window).toEqual({ left: 0, top: 5, width: 20, height: 10 });
    const { data } = sample.image;
    expect([...data.subarray(0, 6)]).toEqual([1, 2, 3, 1, 2, 3]);
    expect(data.subarray(5 * 60, 15 * 60)).toEqual(scene.image.data);
    expect(data.subarray(15 * 60).every((value, i) => value === 1 + (i % 3))).toBe(true);
    expect([...sample.boxes]).toEqual([2, 7, 8, 11]);
  });

  test("by its sides: the aspect ratio stays, a batch has room for all", () => {
    const input = { resize: "sides", shortSides: [8, 16], longSide: 30, multiple: 32 } as const;
    const { placement } = laid(evaluationInput(input));
    expect(placement.canvas).toEqual({ width: 30, height: 15 });
    expect(maxPixels(input)).toBe(480);
    expect(batchSize(input, [placement.canvas, { width: 10, height: 40 }])).toEqual({ width: 32, height: 64 });
  });

  test("what comes back from the input is where it was", () => {
    const sizes = fc.record({ width: fc.integer({ min: 20, max: 900 }), height: fc.integer({ min: 20, max: 900 }) });
    const inputs = fc.constantFrom<InputOptions>(
      { resize: "stretch", width: 300, height: 200 },
      { resize: "letterbox", width: 320, height: 320, fill: [0, 0, 0], align: "center", enlarge: true },
      { resize: "letterbox", width: 320, height: 256, fill: [0, 0, 0], align: "corner", enlarge: false },
      { resize: "sides", shortSides: [256], longSide: 400, multiple: 32 },
    );
    fc.assert(
      fc.property(sizes, inputs, (size, input) => {
        const placement = placePicture(input, size, randomOf(0));
        const { window, canvas } = placement;
        expect(window.left >= 0 && window.top >= 0).toBe(true);
        expect(window.left + window.width <= canvas.width && window.top + window.height <= canvas.height).toBe(true);
        const boxes = Float32Array.of(1, 2, size.width - 3, size.height - 4);
        const back = boxesFromInput(boxesIntoInput(boxes, placement), placement);
        for (const [i, value] of back.entries()) expect(Math.abs(value - boxes[i]!)).toBeLessThan(1e-3);
      }),
    );
  });
});

test("an IoU crop that can never succeed ends with the picture as it is", () => {
  const view = viewOf(painted(40, 40, [[0, 0, 2, 2]]));
  expect(iouCrop(view, randomOf(5), { minIous: [0.99], trials: 5 })).toBe(view);
});

test("sides that land on a whole number are rounded in float32, as torch does", () => {
  const view = viewOf(painted(500, 120, []));
  const numbers = (...u: number[]) => {
    const queue = [...u];
    return () => queue.shift()!;
  };
  expect(zoomOut(view, numbers(0, 0.9, 0, 0)).size.width).toBe(1849); // 500 · 3.7, less a little
  expect(zoomOut(view, numbers(0, 0.7, 0, 0)).size.height).toBe(372); // 120 · 3.1
});
