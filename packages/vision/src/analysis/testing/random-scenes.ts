import fc from "fast-check";
import type { GroundTruth, ImageDetections } from "../../metrics/index.js";
import { CROWD } from "../../sample.js";

export const CLASSES = ["ant", "bee", "cow"];

const box = fc
  .tuple(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 0, max: 80 }), fc.integer({ min: 5, max: 40 }), fc.integer({ min: 5, max: 40 }))
  .map(([x, y, w, h]) => [x, y, x + w, y + h]);
const label = fc.integer({ min: 1, max: CLASSES.length });
const object = fc.record({ box, label, crowd: fc.constantFrom(false, false, false, false, true) });
const score = fc.integer({ min: 1, max: 20 }).map((n) => n / 20); // ties are likely
/** Somewhere, or near an object with a chance of its name. */
const guess = fc.record({ box, label, score, near: fc.nat(9), shift: fc.integer({ min: -6, max: 6 }), renamed: fc.boolean() });

export interface Scene {
  truth: GroundTruth[];
  found: ImageDetections[];
}

/** Some pictures with objects, a few of them crowds, and detections, right and wrong. */
export const scenes: fc.Arbitrary<Scene> = fc
  .array(fc.record({ objects: fc.array(object, { maxLength: 5 }), guesses: fc.array(guess, { maxLength: 8 }) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((pictures) => ({
    truth: pictures.map(({ objects }, image) => ({
      image,
      boxes: Float64Array.from(objects.flatMap((one) => one.box)),
      labels: objects.map((one) => one.label),
      flags: objects.map(({ crowd }) => (crowd ? CROWD : 0)),
    })),
    found: pictures.map(({ objects, guesses }, image) => {
      const rows = guesses.map(({ near, shift, renamed, ...own }) => {
        const target = objects[near];
        return target ? { score: own.score, label: renamed ? own.label : target.label, box: target.box.map((side) => side + shift) } : own;
      });
      return {
        image,
        boxes: Float64Array.from(rows.flatMap((one) => one.box)),
        labels: rows.map((one) => one.label),
        scores: rows.map((one) => one.score),
      };
    }),
  }));

/** A detector that makes no mistake. */
export const perfect = (truth: readonly GroundTruth[]): ImageDetections[] =>
  truth.map(({ image, boxes, labels, flags }) => {
    const kept = [...Array.from(labels).keys()].filter((g) => !(flags?.[g] ?? 0));
    return {
      image,
      boxes: Float64Array.from(kept.flatMap((g) => [...boxes.subarray(4 * g, 4 * g + 4)])),
      labels: kept.map((g) => labels[g]!),
      scores: kept.map(() => 0.9),
    };
  });
