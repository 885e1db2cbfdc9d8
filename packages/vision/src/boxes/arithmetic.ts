/** Boxes one after the other: [n, 4]. Results have the precision that the boxes come in. */
export type BoxArray = Float32Array | Float64Array;

/** (x2 - x1) · (y2 - y1) of every box, [n]. A box with swapped corners on one axis has a negative area. */
export function boxAreas<T extends BoxArray>(boxes: T): T {
  const areas = boxes.slice(0, boxes.length / 4) as T;
  for (let i = 0; i < areas.length; i++) {
    areas[i] = (boxes[4 * i + 2]! - boxes[4 * i]!) * (boxes[4 * i + 3]! - boxes[4 * i + 1]!);
  }
  return areas;
}

/** Moves what lies outside of the picture to its edge. A box that lies outside altogether becomes a line or a point. */
export function clipBoxes<T extends BoxArray>(boxes: T, { width, height }: { width: number; height: number }): T {
  const clipped = boxes.slice() as T;
  for (let i = 0; i < clipped.length; i++) {
    clipped[i] = Math.min(Math.max(clipped[i]!, 0), i % 2 === 0 ? width : height);
  }
  return clipped;
}

/** Corners to centre and size: (x1, y1, x2, y2) → (cx, cy, w, h). */
export function xyxyToCxcywh<T extends BoxArray>(boxes: T): T {
  return perAxis(boxes, (low, high) => [(low + high) / 2, high - low]);
}

/** Centre and size to corners: (cx, cy, w, h) → (x1, y1, x2, y2). */
export function cxcywhToXyxy<T extends BoxArray>(boxesCxcywh: T): T {
  return perAxis(boxesCxcywh, (center, size) => [center - size / 2, center + size / 2]);
}

/** Maps the two numbers that a box has for x, and the two for y. */
function perAxis<T extends BoxArray>(boxes: T, change: (first: number, second: number) => [number, number]): T {
  const result = boxes.slice() as T;
  for (let i = 0; i < boxes.length; i++) {
    if (i % 4 < 2) [result[i], result[i + 2]] = change(boxes[i]!, boxes[i + 2]!);
  }
  return result;
}

/** The boxes with these indices, in their order. */
export function takeBoxes<T extends BoxArray>(boxes: T, indices: ArrayLike<number>): T {
  const taken = new (boxes.constructor as new (length: number) => T)(4 * indices.length);
  for (let k = 0; k < indices.length; k++) {
    for (let c = 0; c < 4; c++) taken[4 * k + c] = boxes[4 * indices[k]! + c]!;
  }
  return taken;
}
