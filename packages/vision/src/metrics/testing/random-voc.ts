import { below, between, randomOf } from "../../random.js";
import { CROWD, DIFFICULT } from "../../sample.js";
import type { GroundTruth, ImageDetections } from "../types.js";

export interface RandomVoc {
  truth: GroundTruth[];
  found: ImageDetections[];
  classes: string[];
}

/**
 * Pictures that are full of corners: difficult objects and crowds, equal scores and equal IoUs, IoUs of exactly one half, empty pictures,
 * classes without objects or without detections.
 */
export function randomVoc(seed: number): RandomVoc {
  const draw = randomOf(seed);
  const classes = Array.from({ length: 1 + below(draw, 4) }, (_, i) => `class ${i}`);
  const onGrid = below(draw, 2) === 0;
  const number = (low: number, high: number) => (onGrid ? 6 * Math.round(between(draw, low, high) / 6) : between(draw, low, high));
  const box = () => {
    const [x, y] = [number(0, 40), number(0, 40)];
    return [x, y, x + number(6, 60), y + number(6, 60)];
  };
  const rows = (n: number) => ({
    boxes: Float64Array.from(Array.from({ length: n }, box).flat()),
    labels: Array.from({ length: n }, () => 1 + below(draw, classes.length)),
  });
  const levels = [3, 1e9][below(draw, 2)]!; // few levels: many equal scores
  const truth = Array.from({ length: 1 + below(draw, 6) }, (_, image): GroundTruth => {
    const n = below(draw, 3) === 0 ? 0 : below(draw, 7);
    return { image, ...rows(n), flags: Array.from({ length: n }, () => [0, 0, 0, DIFFICULT, CROWD][below(draw, 5)]!) };
  });
  const found = truth.map(({ image }): ImageDetections => {
    const n = below(draw, 3) === 0 ? 0 : below(draw, 15);
    return { image, ...rows(n), scores: Array.from({ length: n }, () => below(draw, levels) / levels) };
  });
  return { truth, found, classes };
}
