import type { GraphBuilder } from "./graph-builder.js";

/**
 * Bilinear as vision's `resampleBilinear`, to the last bit: places and weights in float64, weights of 20 bits, so that every sum is
 * exact and rounds to the same byte. ONNX's own Resize computes places in float32, which changes a byte here and there.
 *
 * @param image   uint8 [height, width, 3]
 * @param picture rows and columns of the image, float64 [2]
 * @param size    rows and columns wanted, int64 [2]
 * @returns whole grey levels, float32 [rows, columns, 3]
 */
export function resizedBytes(graph: GraphBuilder, image: string, picture: string, size: string): string {
  const rows = blend(graph, image, tapsAlong(graph, picture, size, 0));
  const both = blend(graph, rows, tapsAlong(graph, picture, size, 1));
  return graph.cast(graph.add("Floor", [graph.add("Add", [both, graph.scalar("float64", 0.5)])]), "float32");
}

interface Taps {
  axis: 0 | 1;
  /** Numbers of the two neighbours, int64 [places]. */
  low: string;
  high: string;
  /** Of the far one, float64, in the shape that spreads over the other axes. */
  weight: string;
}

const STEPS = 2 ** 20;

function tapsAlong(graph: GraphBuilder, picture: string, size: string, axis: 0 | 1): Taps {
  const double = (value: number) => graph.constant("float64", [value]);
  const add = (a: string, b: number) => graph.add("Add", [a, double(b)]);
  const [length, count] = [graph.slice(picture, 0, axis, axis + 1), graph.slice(size, 0, axis, axis + 1)];
  const range = graph.add("Range", [graph.scalar("int64", 0), graph.squeeze(count, [0]), graph.scalar("int64", 1)]);
  const ahead = graph.add("Mul", [add(graph.cast(range, "float64"), 0.5), length]);
  const point = graph.add("Div", [ahead, graph.cast(count, "float64")]);
  const last = add(length, -1);
  const within = (value: string) => graph.add("Max", [graph.add("Min", [value, last]), double(0)]);
  const place = within(add(point, -0.5)); // of pixels' centres
  const floor = graph.add("Floor", [place]);
  const share = graph.add("Mul", [graph.add("Sub", [place, floor]), double(STEPS)]);
  const weight = graph.add("Div", [graph.add("Floor", [add(share, 0.5)]), double(STEPS)]);
  return {
    axis,
    low: graph.cast(floor, "int64"),
    high: graph.cast(within(add(floor, 1)), "int64"),
    weight: graph.unsqueeze(weight, axis === 0 ? [1, 2] : [1]),
  };
}

function blend(graph: GraphBuilder, values: string, { axis, low, high, weight }: Taps): string {
  const [near, far] = [low, high].map((places) => graph.cast(graph.add("Gather", [values, places], { axis }), "float64"));
  const change = graph.add("Sub", [far!, near!]);
  return graph.add("Add", [near!, graph.add("Mul", [change, weight])]);
}
