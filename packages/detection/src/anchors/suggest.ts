import { clusterShapes, type Shape, type Size } from "@singleshot/vision";
import type { AnchorOptions } from "../recipes/index.js";
import { type AnchorCheck, checkAnchors } from "./check.js";
import { type GridsFor, mapAnchors } from "./maps.js";
import type { SeenObjects } from "./objects.js";

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
  anchors: AnchorOptions;
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
  gridsFor: GridsFor,
  anchors: AnchorOptions,
  { count = 3 * anchors.levels.length, seed = 0, ...options }: SuggestOptions,
): AnchorSuggestion {
  const perMap = anchors.levels.map((): Shape[] => []);
  const unit = unitOf(objects, anchors);
  for (const shape of clusterShapes(shapesOf(objects, anchors), { count, seed }).shapes) {
    perMap[mapFor(shape, gridsFor(unit.canvas), unit)]!.push(rounded(shape, anchors.unit === "share" ? 4 : 1));
  }
  const levels = perMap.map((shapes, i) => (shapes.length > 0 ? { shapes, step: anchors.levels[i]!.step } : anchors.levels[i]!));
  const suggested = { ...anchors, levels };
  return {
    anchors: suggested,
    kept: perMap.flatMap((shapes, i) => (shapes.length > 0 ? [] : [i + 1])),
    before: checkAnchors(objects, (canvas) => mapAnchors(anchors, gridsFor, canvas), options),
    after: checkAnchors(objects, (canvas) => mapAnchors(suggested, gridsFor, canvas), options),
  };
}

/** In the unit of the recipe's anchors. */
function shapesOf({ boxes, canvas, canvases }: SeenObjects, { unit }: AnchorOptions): Shape[] {
  return Array.from(canvas, (number, i) => {
    const { width, height } = unit === "share" ? canvases[number]! : { width: 1, height: 1 };
    return [(boxes[4 * i + 2]! - boxes[4 * i]!) / width, (boxes[4 * i + 3]! - boxes[4 * i + 1]!) / height];
  });
}

/** The canvas that most objects lie on, and how many units its sides are long. */
function unitOf({ canvas, canvases }: SeenObjects, { unit }: AnchorOptions): { canvas: Size; width: number; height: number } {
  const counts = canvases.map((_, number) => canvas.filter((one) => one === number).length);
  const most = canvases[counts.indexOf(Math.max(...counts))]!;
  return { canvas: most, ...(unit === "share" ? { width: 1, height: 1 } : most) };
}

function mapFor([width, height]: Shape, grids: readonly Size[], unit: Size): number {
  return Math.max(
    grids.findLastIndex((grid) => unit.width / grid.width <= width / 3 && unit.height / grid.height <= height / 3),
    0,
  );
}

const rounded = ([width, height]: Shape, digits: number): Shape => [Number(width.toFixed(digits)), Number(height.toFixed(digits))];
