import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomOf } from "../random.js";
import type { Sample } from "../sample.js";
import { augmentationPresets } from "./preset-list.js";
import { type AugmentationStep, augment, augmentationSteps, planAugmentation } from "./presets.js";
import { render } from "./render.js";
import { brightBox, painted } from "./testing/painted.js";
import { type View, viewOf } from "./view.js";

const stretched = (width: number, height: number) => ({ resize: "stretch", width, height }) as const;
const sides = fc.integer({ min: 24, max: 64 });
const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const within = (seed: number, salt: number, low: number, high: number) => Math.floor(low + (high - low) * randomOf(seed, salt)());

/** One rectangle of at least 8 × 8 pixels, anywhere. */
const scenes = fc.tuple(sides, sides, seeds).map(([width, height, seed]) => {
  const [w, h] = [within(seed, 0, 8, width - 8), within(seed, 1, 8, height - 8)];
  const [x, y] = [within(seed, 2, 0, width - w), within(seed, 3, 0, height - h)];
  return painted(width, height, [[x, y, x + w, y + h]]);
});

/** Several rectangles. */
const crowds = fc.tuple(sides, sides, fc.array(seeds, { maxLength: 6 })).map(([width, height, all]) => {
  const boxes = all.map((seed) => {
    const [x, y] = [within(seed, 0, 0, width - 8), within(seed, 1, 0, height - 8)];
    return [x, y, within(seed, 2, x + 3, width), within(seed, 3, y + 3, height)];
  });
  return painted(width, height, boxes);
});

/** Each step that moves anything; how far a box may be from what is found, in pixels: corners of turned rectangles are thin. */
const geometric: [tolerance: number, step: AugmentationStep][] = [
  [0, { step: "flip", p: 1 }],
  [0, { step: "flip-vertical", p: 1 }],
  [0, { step: "rotate", p: 1 }],
  [0, { step: "zoom-out", p: 1 }],
  [0, { step: "zoom-out", p: 1, places: "fractional" }],
  [0, { step: "zoom-out", p: 1, places: "inclusive" }],
  [0, { step: "scale-jitter" }],
  [0, { step: "scale-and-place", p: 1 }],
  [0, { step: "iou-crop" }],
  [0, { step: "sample-crop" }],
  [0, { step: "constrained-crop" }],
  [0, { step: "constrained-crop", objects: "some" }],
  [0, { step: "area-crop" }],
  [0, { step: "center-crop", side: 32 }],
  [1, { step: "short-side", sides: [40, 90] }],
  [1, { step: "large-scale-jitter", side: 64, range: [0.5, 2] }],
  [1, { step: "large-scale-jitter", side: 64, range: [0.5, 2], corner: "diagonal" }],
  [1, { step: "affine", degrees: 0 }],
  [2, { step: "affine", flip: 0.5 }],
  [2, { step: "affine", degrees: 180, scale: [1, 1] }],
];

const planned = (sample: Sample, plan: readonly AugmentationStep[], seed: number) => planAugmentation(sample, plan, randomOf(seed));

describe("a painted rectangle is found again under its box", () => {
  const expectFound = (scene: Sample, view: View, tolerance: number) => {
    const box = [...view.boxes];
    if (view.labels.length === 0 || box[2]! - box[0]! < 4 || box[3]! - box[1]! < 4 || isCutAskew(view)) return;
    const found = brightBox(render(scene.image, view, view.size));
    for (const [i, side] of found.entries()) expect(Math.abs(side - box[i]!), `found ${found}, box ${box}`).toBeLessThanOrEqual(tolerance);
  };

  /** What is left of a turned rectangle at the edge of the frame may be smaller than its cut hull. */
  const isCutAskew = ({ boxes, size, toPicture: [a, b] }: View) => {
    const [x1, y1, x2, y2] = boxes as unknown as [number, number, number, number];
    return a !== 0 && b !== 0 && (x1 <= 0 || y1 <= 0 || x2 >= size.width || y2 >= size.height);
  };

  for (const [tolerance, step] of geometric) {
    test(JSON.stringify(step), () => {
      fc.assert(fc.property(scenes, seeds, (scene, seed) => expectFound(scene, planned(scene, [step], seed), tolerance)));
    });
  }

  // A box around a box that was turned, then turned or cut again, is larger than what it is around.
  test("after any three of them that do not turn it askew", () => {
    const straight = geometric.filter(([, step]) => step.step !== "affine" || step.degrees === 0);
    const three = fc.array(fc.constantFrom(...straight), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(scenes, three, seeds, (scene, chosen, seed) => {
        const steps = chosen.map(([, step]) => step);
        expectFound(scene, planned(scene, steps, seed), 3);
      }),
    );
  });
});

describe("whatever the steps and the seed", () => {
  const names = Object.keys(augmentationSteps) as AugmentationStep["step"][];

  test("boxes stay inside what is seen and keep an area", () => {
    fc.assert(
      fc.property(crowds, fc.array(fc.constantFrom(...names), { maxLength: 6 }), seeds, (scene, order, seed) => {
        const plan = order.map((step) => ({ step }));
        const { boxes, labels, flags, image } = augment(scene, plan, randomOf(seed), stretched(32, 24)).sample;
        expect([boxes.length / 4, flags.length, image.data.length]).toEqual([labels.length, labels.length, 32 * 24 * 3]);
        expectInside(boxes, 32, 24);
      }),
    );
  });

  test("what a preset gives is the same for the same seed, finite, inside, and not smaller than it allows", () => {
    const presets = Object.values(augmentationPresets) as AugmentationStep[][];
    fc.assert(
      fc.property(crowds, fc.constantFrom(...presets), seeds, (scene, plan, seed) => {
        const input = stretched(48, 40);
        const { boxes, image } = augment(scene, plan, randomOf(seed), input).sample;
        const again = augment(scene, plan, randomOf(seed), input).sample;
        expect(again.boxes).toEqual(boxes);
        expect(Buffer.compare(again.image.data, image.data)).toBe(0);
        expectInside(boxes, 48, 40);
        const smallest = plan.find((step) => step.step === "small-boxes") ?? {};
        const { side = 0, area = 0 } = smallest as { side?: number; area?: number };
        for (let i = 0; i < boxes.length; i += 4) {
          const [width, height] = [boxes[i + 2]! - boxes[i]!, boxes[i + 3]! - boxes[i + 1]!];
          expect(Math.min(width, height)).toBeGreaterThanOrEqual(side);
          expect(width * height).toBeGreaterThanOrEqual(area);
        }
      }),
    );
  });

  function expectInside(boxes: Float32Array, width: number, height: number) {
    for (let i = 0; i < boxes.length; i += 4) {
      const [x1, y1, x2, y2] = boxes.subarray(i, i + 4) as unknown as [number, number, number, number];
      const rounding = 1e-4; // of float32
      const inside = x1 >= -rounding && y1 >= -rounding && x2 <= width + rounding && y2 <= height + rounding;
      expect(inside && x2 > x1 && y2 > y1, `${[x1, y1, x2, y2]}`).toBe(true);
    }
  }
});

describe("nothing is lost but what the rules drop", () => {
  const keeping: AugmentationStep["step"][] = [
    ...(["photometric", "float-photometric", "hsv-jitter", "zoom-out", "scale-and-place", "affine", "area-crop"] as const),
    ...(["center-crop", "large-scale-jitter", "short-side", "interpolation", "flip", "flip-vertical", "rotate", "small-boxes"] as const),
  ];

  test("steps that do not choose objects keep them all, in their order", () => {
    fc.assert(
      fc.property(crowds, fc.array(fc.constantFrom(...keeping), { maxLength: 5 }), seeds, (scene, order, seed) => {
        const view = planned(
          scene,
          order.map((step) => ({ step })),
          seed,
        );
        expect([view.labels, view.flags]).toEqual([scene.labels, scene.flags]);
      }),
    );
  });

  test("steps that do keep those whose center is seen", () => {
    const choosing = fc.constantFrom<AugmentationStep>(
      { step: "iou-crop" },
      { step: "sample-crop" },
      { step: "constrained-crop" },
      { step: "scale-jitter" },
    );
    fc.assert(
      fc.property(crowds, choosing, seeds, (scene, step, seed) => {
        const view = planned(scene, [step], seed);
        if (view.size.width === scene.image.width && view.size.height === scene.image.height) return; // nothing was cropped
        const [, , left, , , top] = view.toPicture;
        const seen = [...scene.labels].filter((_, i) => {
          const [x1, y1, x2, y2] = scene.boxes.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
          const [x, y] = [(x1 + x2) / 2 - left, (y1 + y2) / 2 - top];
          const first = step.step === "constrained-crop" ? x >= 0 && y >= 0 : x > 0 && y > 0;
          return first && x < view.size.width && y < view.size.height;
        });
        expect([...view.labels]).toEqual(seen);
      }),
    );
  });

  test("small boxes are dropped by their size in the result", () => {
    const scene = painted(100, 100, [
      [0, 0, 4, 40],
      [0, 0, 20, 20],
      [50, 50, 60, 60],
    ]);
    const labels = (plan: AugmentationStep[]) => [...augment(scene, plan, () => 0, stretched(50, 50)).sample.labels];
    expect(labels([{ step: "small-boxes", side: 2 }])).toEqual([1, 2, 3]);
    expect(labels([{ step: "small-boxes", side: 2.5 }])).toEqual([2, 3]);
    expect(labels([{ step: "small-boxes", area: 40 }])).toEqual([1, 2]);
  });
});

describe("pixels", () => {
  const kinds = ["nearest", "bilinear", "bicubic", "area", "lanczos", "antialias", "auto"] as const;
  const plain = (width: number, height: number): Sample => {
    const sample = painted(width, height, []);
    sample.image.data.fill(200);
    return sample;
  };

  test("a picture of one colour stays of this colour, whatever the interpolation and the crop", () => {
    const crops: AugmentationStep[] = [
      { step: "area-crop" },
      { step: "short-side", sides: [17, 90] },
      { step: "flip" },
      { step: "rotate" },
    ];
    fc.assert(
      fc.property(
        sides,
        sides,
        sides,
        fc.constantFrom(...kinds),
        fc.constantFrom(...crops),
        seeds,
        (width, height, side, kind, step, seed) => {
          const plan: AugmentationStep[] = [{ step: "interpolation", kinds: [kind] }, step];
          const { image } = augment(plain(width, height), plan, randomOf(seed), stretched(side, 31)).sample;
          expect(new Set(image.data)).toEqual(new Set([200]));
        },
      ),
    );
  });

  test("a picture laid upon the fill does not mix with it", () => {
    fc.assert(
      fc.property(sides, sides, fc.constantFrom(...kinds), seeds, (width, height, kind, seed) => {
        const plan: AugmentationStep[] = [
          { step: "interpolation", kinds: [kind] },
          { step: "large-scale-jitter", side: 64, fill: [10, 10, 10] },
        ];
        const { image } = augment(plain(width, height), plan, randomOf(seed), stretched(64, 64)).sample;
        for (const value of new Set(image.data)) expect([10, 200]).toContain(value);
      }),
    );
  });

  test("a mirrored view gives the mirrored pixels, in every bit", () => {
    fc.assert(
      fc.property(scenes, sides, sides, fc.constantFrom("bilinear", "area", "antialias"), (scene, width, height, kind) => {
        const view: View = { ...viewOf(scene), interpolation: kind as View["interpolation"] };
        const mirrored = { ...view, toPicture: [-1, 0, scene.image.width, 0, 1, 0] as const };
        const there = render(scene.image, view, { width, height });
        const back = render(scene.image, mirrored, { width, height });
        const rows = Array.from({ length: height }, (_, y) => [...there.data.subarray(3 * width * y, 3 * width * (y + 1))]);
        const turned = rows.map((row) => row.map((_, i) => row[3 * (width - 1 - Math.floor(i / 3)) + (i % 3)]!));
        expect(Buffer.compare(back.data, Uint8Array.from(turned.flat()))).toBe(0);
      }),
    );
  });

  test("what is turned by next to nothing looks as what is not turned", () => {
    fc.assert(
      fc.property(scenes, seeds, sides, (scene, seed, side) => {
        const plan = (degrees: number): AugmentationStep[] => [{ step: "affine", degrees }, { step: "zoom-out", p: 1 }, { step: "flip" }];
        const input = stretched(side, side);
        const [straight, askew] = [0, 1e-6].map((degrees) => augment(scene, plan(degrees), randomOf(seed), input).sample.image.data);
        const furthest = Math.max(...straight!.map((value, i) => Math.abs(value - askew![i]!)));
        expect(furthest).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("area takes the mean of the pixels that become one, nearest one of them", () => {
    const scene = painted(4, 2, []);
    scene.image.data.set([0, 0, 0, 10, 10, 10, 40, 40, 40, 60, 60, 60, 20, 20, 20, 50, 50, 50, 80, 80, 80, 100, 100, 100]);
    const size = { width: 2, height: 1 };
    const with_ = (kind: View["interpolation"]) => [...render(scene.image, { ...viewOf(scene), interpolation: kind }, size).data];
    expect(with_("area")).toEqual([20, 20, 20, 70, 70, 70]);
    expect(with_("auto")).toEqual([20, 20, 20, 70, 70, 70]);
    expect(with_("nearest")).toEqual([50, 50, 50, 100, 100, 100]);
  });
});
