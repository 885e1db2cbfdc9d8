import { clusterShapes, type Shape, type Size } from "@singleshot/vision";
import { type GridSize, ssdAnchors } from "../boxes/index.js";
import type { DetectorOptions } from "../recipes/index.js";
import { type AnchorCheck, checkAnchors } from "./check.js";
import { type AnchorLevel, joined } from "./levels.js";
import type { SeenObjects } from "./objects.js";

type RecipeAnchors = DetectorOptions["anchors"];

export interface SuggestOptions {
  classes: readonly string[];
  thresholds: readonly number[];
  /** shapes over all maps; default: three a map */
  count?: number;
  seed?: number;
}

/** Anchors for a data set: the result of `singleshot anchors suggest`. */
export interface AnchorSuggestion {
  /** as a recipe has them, in `detector.anchors` */
  anchors: RecipeAnchors;
  /** numbers of the maps that keep what they have, from 1: no shape is large enough for them */
  kept: number[];
  before: AnchorCheck;
  after: AnchorCheck;
}

/**
 * Looks for shapes that fit a data set's objects, and gives each to a feature map of a recipe: the coarsest whose cells are at most a
 * third of the shape's shorter side, the finest if there is none. An object of exactly that shape then overlaps some anchor by half or
 * more, wherever it lies. A map that gets no shape keeps what it has.
 */
export function suggestAnchors(
  objects: SeenObjects,
  levels: readonly AnchorLevel[],
  { anchors, input }: DetectorOptions,
  { count = 3 * levels.length, seed = 0, ...options }: SuggestOptions,
): AnchorSuggestion {
  const { shapes } = clusterShapes(shapesOf(objects, input), { count, seed });
  const grids = levels.map(({ grid }) => grid);
  const perLevel = grids.map((): Shape[] => []);
  for (const shape of shapes) perLevel[levelFor(shape, grids)]!.push(rounded(shape));
  const suggested = perLevel.map((own, i) => (own.length > 0 ? { shapes: own } : anchors[i]!));
  return {
    anchors: suggested,
    kept: perLevel.flatMap((own, i) => (own.length > 0 ? [] : [i + 1])),
    before: checkAnchors(objects, joined(levels), options),
    after: checkAnchors(objects, ssdAnchors(suggested, grids, input), options),
  };
}

function shapesOf({ boxes }: SeenObjects, { width, height }: Size): Shape[] {
  return Array.from({ length: boxes.length / 4 }, (_, i) => [
    (boxes[4 * i + 2]! - boxes[4 * i]!) / width,
    (boxes[4 * i + 3]! - boxes[4 * i + 1]!) / height,
  ]);
}

/** Cells and sides as shares of the picture, so that either axis may decide. */
function levelFor([width, height]: Shape, grids: readonly GridSize[]): number {
  const coarsest = grids.findLastIndex((grid) => 1 / grid.width <= width / 3 && 1 / grid.height <= height / 3);
  return Math.max(coarsest, 0);
}

const rounded = ([width, height]: Shape): Shape => [Number(width.toFixed(4)), Number(height.toFixed(4))];
