import type { Sample } from "../../sample.js";

export const BACKGROUND = [10, 20, 30];
export const PAINT = [240, 200, 90];

/** A dark picture with bright rectangles, and their boxes. */
export function painted(width: number, height: number, boxes: number[][]): Sample {
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const inside = boxes.some(([x1, y1, x2, y2]) => x >= x1! && x < x2! && y >= y1! && y < y2!);
    data.set(inside ? PAINT : BACKGROUND, 3 * i);
  }
  return {
    image: { data, width, height },
    boxes: Float32Array.from(boxes.flat()),
    labels: Int32Array.from(boxes, (_, i) => i + 1),
    flags: Uint8Array.from(boxes, (_, i) => i % 4),
    id: "painted",
    source: "painted.png",
  };
}

/** The smallest box around all pixels that are more paint than background. */
export function brightBox({ data, width, height }: Sample["image"]): number[] {
  const bright = Array.from({ length: width * height }, (_, i) => i).filter((i) => data[3 * i]! > 125);
  const [xs, ys] = [bright.map((i) => i % width), bright.map((i) => Math.floor(i / width))];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
}
