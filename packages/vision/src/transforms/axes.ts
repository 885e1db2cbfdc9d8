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
export function axesOf({ width }: Raster, view: View): { columns: Axis; rows: Axis } | undefined {
  const [a, b, c, d, e, f] = view.toPicture;
  const upright = b === 0 && d === 0;
  if (!(upright || (a === 0 && e === 0)) || view.visible.some(([x, y]) => x !== 0 && y !== 0)) return undefined;
  const { size, edge } = view;
  const along = (length: number, start: number, scale: number, axis: 0 | 1): Axis => {
    return { length, start, scale, ...shownAlong(view.visible, axis), stride: axis === 0 ? 3 : 3 * width, edge };
  };
  return upright
    ? { columns: along(size.width, c, a, 0), rows: along(size.height, f, e, 1) }
    : { columns: along(size.width, f, d, 1), rows: along(size.height, c, b, 0) };
}

function shownAlong(visible: readonly HalfPlane[], axis: 0 | 1): { from: number; to: number } {
  const edges = visible.filter((plane) => plane[axis] !== 0);
  const at = (plane: HalfPlane) => plane[2] / plane[axis];
  return {
    from: Math.max(...edges.filter((plane) => plane[axis] > 0).map(at), Number.NEGATIVE_INFINITY),
    to: Math.min(...edges.filter((plane) => plane[axis] < 0).map(at), Number.POSITIVE_INFINITY),
  };
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
