import { below, between, type Draw, permutation, randomOf } from "../../random.js";
import type { Annotation, AnnotationFile, Id, Result } from "../coco/index.js";

export interface RandomSet {
  annotations: AnnotationFile;
  detections: Result[];
}

/**
 * A small COCO set that is full of corners: crowds, equal scores and equal IoUs, areas on the borders of the ranges, empty pictures,
 * classes without objects or detections, more than 100 detections in a picture, unlisted categories, ids in any order, now and then
 * the id 0 or ids that are text. It has at least one detection, because pycocotools cannot read an empty list.
 */
export function randomCoco(seed: number): RandomSet {
  const draw = randomOf(seed);
  const text = below(draw, 10) === 0;
  const name = (id: number): Id => (text ? `id ${id}` : id);
  const images = permutation(draw, 1 + below(draw, 10)).map((i) => ({ id: name(7 * i + 3) }));
  const categories = permutation(draw, 1 + below(draw, 5)).map((i) => ({ id: name(i + 1), name: `class ${i}` }));
  const box = boxMaker(draw);
  const place = () => ({ image_id: pick(draw, images).id, category_id: pick(draw, categories).id });
  const firstId = below(draw, 8) === 0 ? 0 : 1;
  const annotations = Array.from({ length: below(draw, 40) }, (_, i): Annotation => {
    const bbox = box();
    return { id: i + firstId, ...place(), bbox, area: areaOf(draw, bbox), iscrowd: below(draw, 6) === 0 ? 1 : 0 };
  });
  const levels = pick(draw, [3, 20, 1e9]); // few levels: many equal scores
  const detections = Array.from({ length: 1 + below(draw, pick(draw, [5, 80, 400])) }, (): Result => {
    const seen = annotations.length > 0 && below(draw, 2) === 0 ? pick(draw, annotations) : undefined;
    const { image_id, category_id } = seen ?? place();
    return { image_id, category_id, bbox: seen ? shaken(draw, seen.bbox) : box(), score: below(draw, levels) / levels };
  });
  if (below(draw, 5) === 0) detections[0]!.category_id = name(99);
  return { annotations: { images, annotations, categories }, detections };
}

type Box = Annotation["bbox"];
const pick = <T>(draw: Draw, from: readonly T[]): T => from[below(draw, from.length)]!;

/** On a coarse grid, where IoUs are often equal or exactly at a threshold, or anywhere. */
function boxMaker(draw: Draw): () => Box {
  const onGrid = below(draw, 2) === 0;
  const number = (low: number, high: number) => (onGrid ? 8 * Math.round(between(draw, low, high) / 8) : between(draw, low, high));
  return () => [number(-10, 150), number(-10, 150), number(1, 120), number(1, 120)];
}

/** The box's own area, a part of it as masks have, or the border of a range. */
function areaOf(draw: Draw, [, , width, height]: Box): number {
  return pick(draw, [width * height, 0.6 * width * height, 1024, 9216, 0]);
}

function shaken(draw: Draw, [x, y, width, height]: Box): Box {
  const by = pick(draw, [0, 0, 4, 30]);
  const move = (value: number) => value + between(draw, -by, by);
  return [move(x), move(y), Math.max(0, move(width)), Math.max(0, move(height))];
}
