import type { BoxArray } from "../boxes/index.js";
import type { Picture } from "../sample.js";
import { colorOfClass } from "./color-of-class.js";
import { overlay } from "./draw.js";

export interface CellAnchors {
  /** cells of the feature map */
  grid: { width: number; height: number };
  /** the cell that the anchors belong to */
  cell: { x: number; y: number };
  /** [n, 4] as shares of the picture's width and height */
  anchors: BoxArray;
}

const WIDTH_PX = 640;

/** A picture with the cells of a feature map over it, and the anchors of one of them. */
export async function drawAnchors(image: Picture, { grid, cell, anchors }: CellAnchors): Promise<Picture> {
  const size = { width: WIDTH_PX, height: Math.max(Math.round((WIDTH_PX * image.height) / image.width), 1) };
  const [width, height] = [size.width / grid.width, size.height / grid.height];
  const columns = Array.from({ length: grid.width - 1 }, (_, i) => `M${(i + 1) * width} 0V${size.height}`);
  const rows = Array.from({ length: grid.height - 1 }, (_, i) => `M0 ${(i + 1) * height}H${size.width}`);
  const boxes = Array.from({ length: anchors.length / 4 }, (_, i) => {
    const [x1, y1, x2, y2] = Array.from(anchors.subarray(4 * i, 4 * i + 4)) as [number, number, number, number];
    return `x="${x1 * size.width}" y="${y1 * size.height}" width="${(x2 - x1) * size.width}" height="${(y2 - y1) * size.height}"`;
  });
  return overlay(image, size, [
    `<path d="${[...columns, ...rows].join("")}" stroke="#ffffff" stroke-opacity="0.45" stroke-width="1"/>`,
    `<rect x="${cell.x * width}" y="${cell.y * height}" width="${width}" height="${height}" fill="#ffffff" fill-opacity="0.75"/>`,
    ...boxes.map((sides) => `<rect ${sides} fill="none" stroke="#000000" stroke-opacity="0.6" stroke-width="5"/>`),
    ...boxes.map((sides, i) => `<rect ${sides} fill="none" stroke="${colorOfClass(i + 1)}" stroke-width="2.5"/>`),
  ]);
}
