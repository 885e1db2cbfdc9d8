import { type Picture, sidesOf } from "@singleshot/vision";
import { contactSheet, drawAnchors } from "@singleshot/vision/node";
import type { GridSize } from "../boxes/index.js";
import type { AnchorLevel } from "./levels.js";

const COLUMNS = 2;

/** A sheet with one picture for each feature map: its cells, and the anchors of the cell in the middle. */
export async function anchorSheet(image: Picture, levels: readonly AnchorLevel[], input: GridSize): Promise<Picture> {
  const panels = await Promise.all(
    levels.map(async (level, i) => ({
      image: await drawAnchors(image, middleCell(level, input)),
      title: `${i + 1}: ${describeLevel(level)}`,
    })),
  );
  const [{ image: first }] = panels as [(typeof panels)[number]];
  return contactSheet(panels, { columns: Math.min(COLUMNS, panels.length), cell: { width: first.width, height: first.height } });
}

function middleCell({ grid, perCell, anchors }: AnchorLevel, input: GridSize) {
  const cell = { x: Math.floor(grid.width / 2), y: Math.floor(grid.height / 2) };
  const first = 4 * perCell * (cell.y * grid.width + cell.x);
  const own = anchors.slice(first, first + 4 * perCell);
  return { grid, cell, anchors: own.map((value, i) => value / (i % 2 === 0 ? input.width : input.height)) };
}

/** `40 × 30 cells, 3 anchors each, 16 to 25 px` */
export function describeLevel({ grid, perCell, anchors }: AnchorLevel): string {
  const sides = sidesOf(anchors.subarray(0, 4 * perCell));
  const [low, high] = [Math.round(Math.min(...sides)), Math.round(Math.max(...sides))];
  const cells = `${grid.width} × ${grid.height} ${grid.width * grid.height === 1 ? "cell" : "cells"}`;
  return `${cells}, ${perCell} ${perCell === 1 ? "anchor" : "anchors"} each, ${low === high ? low : `${low} to ${high}`} px`;
}
