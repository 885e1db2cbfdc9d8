import type { FloatColorChange } from "./float.js";

/** [3, 4] row-major: each new channel from red, green, blue and 1. */
export type ColorMatrix = readonly number[];

/** Adds to all channels. */
export const brightened = (by: number): FloatColorChange => linear([1, 0, 0, by], [0, 1, 0, by], [0, 0, 1, by]);

/** Multiplies all channels. */
export const multiplied = (by: number): FloatColorChange => linear([by, 0, 0, 0], [0, by, 0, 0], [0, 0, by, 0]);

/** Away from grey (factor above 1) or towards it. */
export function saturated(factor: number): FloatColorChange {
  const grey = [0.299, 0.587, 0.114].map((share) => (1 - factor) * share);
  const row = (channel: number) => [...grey.map((share, i) => (i === channel ? share + factor : share)), 0];
  return linear(row(0), row(1), row(2));
}

/** Turns the plane of I and Q in YIQ (the FCC's matrix of 1953, its inverse as rounded there). */
export function hueTurned(radians: number): FloatColorChange {
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
  const turn = [1, 0, 0, 0, 0, cos, -sin, 0, 0, sin, cos, 0];
  return { change: "linear", matrix: product(product(RGB_OF_YIQ, turn), YIQ_OF_RGB) };
}

const YIQ_OF_RGB = [0.299, 0.587, 0.114, 0, 0.596, -0.274, -0.321, 0, 0.211, -0.523, 0.311, 0];
const RGB_OF_YIQ = [1, 0.956, 0.621, 0, 1, -0.272, -0.647, 0, 1, -1.107, 1.705, 0];

/** Which channel each channel takes. */
export function channelsOrdered(order: readonly [number, number, number]): FloatColorChange {
  const row = (taken: number) => [0, 1, 2, 3].map((channel) => (channel === taken ? 1 : 0));
  return linear(row(order[0]), row(order[1]), row(order[2]));
}

const linear = (...rows: number[][]): FloatColorChange => ({ change: "linear", matrix: rows.flat() });

/** First `inner`, then `outer`. */
function product(outer: ColorMatrix, inner: ColorMatrix): number[] {
  return Array.from({ length: 12 }, (_, at) => {
    const [row, column] = [4 * Math.floor(at / 4), at % 4];
    const through = [0, 1, 2].reduce((sum, k) => sum + outer[row + k]! * inner[4 * k + column]!, 0);
    return column === 3 ? through + outer[row + 3]! : through;
  });
}

/** Changes of one kind that follow each other as one. */
export function fused(changes: readonly FloatColorChange[]): FloatColorChange[] {
  const result: FloatColorChange[] = [];
  for (const change of changes) {
    const both = together(result.at(-1), change);
    if (both) result[result.length - 1] = both;
    else result.push(change);
  }
  return result;
}

function together(first: FloatColorChange | undefined, then: FloatColorChange): FloatColorChange | undefined {
  if (first?.change === "linear" && then.change === "linear") return { change: "linear", matrix: product(then.matrix, first.matrix) };
  if (first?.change === "hsv" && then.change === "hsv")
    return { change: "hsv", hue: first.hue + then.hue, saturation: first.saturation * then.saturation };
  return undefined;
}
