import type { Picture } from "../sample.js";
import type { HalfPlane, View } from "./view.js";

/** A picture, in bytes or in floats. */
export type Raster = Omit<Picture, "data"> & { data: Uint8Array | Float32Array };

/** What one side of the view's frame runs along in the picture. */
export interface Axis {
  /** of what is seen */
  length: number;
  /** a point u that is seen lies in the picture at start + scale · u */
  start: number;
  scale: number;
  /** between these two the picture shows */
  from: number;
  to: number;
  /** from one pixel to the next in the picture's data */
  stride: number;
  edge: View["edge"];
}

/** Whole columns and rows of what is seen are columns and rows of the picture, in this or the other order; undefined where they lie askew. */
export function axesOf({ width, height }: Raster, view: View): { columns: Axis; rows: Axis } | undefined {
  const [a, b, c, d, e, f] = view.toPicture;
  const upright = b === 0 && d === 0;
  if (!(upright || (a === 0 && e === 0)) || view.visible.some(([x, y]) => x !== 0 && y !== 0)) return undefined;
  const { size, visible, edge } = view;
  const across = { from: lowest(visible, 0), to: highest(visible, 0, width), stride: 3, edge };
  const down = { from: lowest(visible, 1), to: highest(visible, 1, height), stride: 3 * width, edge };
  return upright
    ? { columns: { ...across, length: size.width, start: c, scale: a }, rows: { ...down, length: size.height, start: f, scale: e } }
    : { columns: { ...down, length: size.width, start: f, scale: d }, rows: { ...across, length: size.height, start: c, scale: b } };
}

/** Where what shows begins along an axis, never before the picture. */
function lowest(visible: readonly HalfPlane[], axis: 0 | 1): number {
  return visible.reduce((from, plane) => (plane[axis] > 0 ? Math.max(from, plane[2] / plane[axis]) : from), 0);
}

function highest(visible: readonly HalfPlane[], axis: 0 | 1, length: number): number {
  return visible.reduce((to, plane) => (plane[axis] < 0 ? Math.min(to, plane[2] / plane[axis]) : to), length);
}

/** Where the i-th of `size` places along the result looks, as a point of what is seen: never nearer to the edge than the outermost centers. */
export function lookAt(i: number, size: number, length: number): number {
  return Math.max(Math.min(((i + 0.5) * length) / size, length - 0.5), 0.5);
}

/** A row in the fill's colour, of the same kind as `like`. */
export function filledRow<T extends Uint8Array | Float32Array>(like: T, width: number, fill: View["fill"]): T {
  const half = like instanceof Uint8Array ? 0.5 : 0; // storing a byte cuts off the fraction
  return like.slice(0, 3 * width).map((_, i) => fill[i % 3]! + half) as T;
}
