import { below, type Draw, permutation, randomOf } from "../random.js";

/** Width and height of an anchor, as shares of the picture. */
export type Shape = [width: number, height: number];

export interface ClusterOptions {
  /** how many shapes are looked for */
  count: number;
  seed?: number;
  /** begins so often, and keeps the best */
  trials?: number;
  /** of more objects so many are drawn by lot */
  most?: number;
}

/**
 * Shapes that stand for the shapes of objects: k-means with the distance 1 - IoU of boxes around one centre, seeded as k-means++ does.
 * The same objects and seed give the same shapes.
 *
 * @param shapes of the objects
 * @returns the shapes from small to large and the mean overlap of each object with its best one; fewer where fewer differ
 * @see Redmon & Farhadi 2017, "YOLO9000", §2 (arXiv:1612.08242)
 */
export function clusterShapes(
  shapes: readonly Shape[],
  { count, seed = 0, trials = 5, most = 20_000 }: ClusterOptions,
): { shapes: Shape[]; meanIou: number } {
  const objects =
    shapes.length <= most
      ? shapes
      : permutation(randomOf(seed), shapes.length)
          .slice(0, most)
          .map((i) => shapes[i]!);
  const attempts = Array.from({ length: trials }, (_, trial) => improved(objects, firstCentres(objects, count, randomOf(seed, trial))));
  const best = attempts.reduce((top, one) => (one.meanIou > top.meanIou ? one : top));
  return { ...best, shapes: best.shapes.sort(([w, h], [v, g]) => w * h - v * g) };
}

/** Overlap of two boxes around the same centre. */
export function shapeIou([w, h]: Readonly<Shape>, [v, g]: Readonly<Shape>): number {
  const common = Math.min(w, v) * Math.min(h, g);
  return common / (w * h + v * g - common);
}

/** Each further centre is drawn among the objects, the likelier the worse those before it fit. */
function firstCentres(objects: readonly Shape[], count: number, draw: Draw): Shape[] {
  const centres = objects.length === 0 ? [] : [objects[below(draw, objects.length)]!];
  while (centres.length > 0 && centres.length < count) {
    const misfits = objects.map((object) => (1 - nearest(object, centres).iou) ** 2);
    if (misfits.every((value) => value === 0)) break; // every shape has its centre
    centres.push(objects[drawWeighted(misfits, draw)]!);
  }
  return centres.map(([w, h]): Shape => [w, h]);
}

/** A place in a list, each as likely as its weight says. */
function drawWeighted(weights: readonly number[], draw: Draw): number {
  let rest = draw() * weights.reduce((sum, value) => sum + value, 0);
  for (let i = 0; i < weights.length; i++) {
    rest -= weights[i]!;
    if (rest < 0) return i;
  }
  return weights.findLastIndex((value) => value > 0);
}

function nearest(object: Readonly<Shape>, centres: readonly Shape[]): { centre: number; iou: number } {
  const best = { centre: 0, iou: -1 };
  centres.forEach((centre, c) => {
    const iou = shapeIou(object, centre);
    if (iou > best.iou) Object.assign(best, { centre: c, iou });
  });
  return best;
}

const ROUNDS = 100; // more than enough: some dozens settle

/** Moves every centre to the mean of its objects until nothing gets better; the mean overlap never falls. */
function improved(objects: readonly Shape[], first: Shape[]): { shapes: Shape[]; meanIou: number } {
  let best = { shapes: first, meanIou: meanOverlap(objects, first) };
  for (let round = 0; round < ROUNDS; round++) {
    const shapes = moved(objects, best.shapes);
    const meanIou = meanOverlap(objects, shapes);
    if (meanIou <= best.meanIou) break;
    best = { shapes, meanIou };
  }
  return best;
}

function moved(objects: readonly Shape[], centres: readonly Shape[]): Shape[] {
  const sums = centres.map(() => ({ width: 0, height: 0, count: 0 }));
  for (const object of objects) {
    const sum = sums[nearest(object, centres).centre]!;
    sum.width += object[0];
    sum.height += object[1];
    sum.count++;
  }
  return centres.map((centre, c) => {
    const { width, height, count } = sums[c]!;
    return count === 0 ? centre : [width / count, height / count];
  });
}

/** Of each object with its best shape. */
export function meanOverlap(objects: readonly Shape[], centres: readonly Shape[]): number {
  return objects.reduce((sum, object) => sum + Math.max(0, nearest(object, centres).iou), 0) / Math.max(objects.length, 1);
}
