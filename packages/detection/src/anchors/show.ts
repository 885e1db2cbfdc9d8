import { augment, type InputOptions, type Picture, type Size, sidesOf } from "@singleshot/vision";
import { contactSheet, drawAnchors } from "@singleshot/vision/node";
import type { MapAnchors } from "./maps.js";

const COLUMNS = 2;

/** A sheet with one picture for each feature map: its cells, and the anchors of the cell in the middle. */
export async function anchorSheet(image: Picture, maps: readonly MapAnchors[], canvas: Size): Promise<Picture> {
  const panels = await Promise.all(
    maps.map(async (map, i) => ({ image: await drawAnchors(image, middleCell(map, canvas)), title: `${i + 1}: ${describeMap(map)}` })),
  );
  const [{ image: first }] = panels as [(typeof panels)[number]];
  return contactSheet(panels, { columns: Math.min(COLUMNS, panels.length), cell: { width: first.width, height: first.height } });
}

/** A picture as it fills the network's input: with what is around it where its aspect ratio is kept. */
export function filledInput(image: Picture, input: InputOptions): Picture {
  const nothing = { boxes: new Float32Array(0), labels: new Int32Array(0), flags: new Uint8Array(0), id: "", source: "" };
  return input.resize === "letterbox" ? augment({ image, ...nothing }, [], () => 0, input).sample.image : image;
}

function middleCell({ grid, perCell, anchors }: MapAnchors, canvas: Size) {
  const cell = { x: Math.floor(grid.width / 2), y: Math.floor(grid.height / 2) };
  const first = 4 * perCell * (cell.y * grid.width + cell.x);
  const own = anchors.slice(first, first + 4 * perCell);
  return { grid, cell, anchors: own.map((value, i) => value / (i % 2 === 0 ? canvas.width : canvas.height)) };
}

/** `40 × 30 cells, 3 anchors each, 16 to 25 px` */
export function describeMap({ grid, perCell, anchors }: MapAnchors): string {
  const sides = sidesOf(anchors.subarray(0, 4 * perCell));
  const [low, high] = [Math.round(Math.min(...sides)), Math.round(Math.max(...sides))];
  const cells = `${grid.width} × ${grid.height} ${grid.width * grid.height === 1 ? "cell" : "cells"}`;
  return `${cells}, ${perCell} ${perCell === 1 ? "anchor" : "anchors"} each, ${low === high ? low : `${low} to ${high}`} px`;
}
