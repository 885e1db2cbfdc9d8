import { evaluationInput, type InputOptions } from "@singleshot/vision";
import type { GraphBuilder } from "./graph-builder.js";
import { resizedBytes } from "./resize-graph.js";
import type { Limits } from "./selection.js";

/** A picture of any size, laid into the network's input inside of the graph. */
export interface LaidGraph {
  /** [1, 3, H, W] float32 in whole grey levels, or what `normalize` makes of them where it is padded behind the normalisation. */
  images: string;
  /** The picture's part of the input. */
  limits: Limits;
  /** Boxes [K, 4] in pixels of the input → in pixels of the picture. */
  toPicture: (boxes: string) => string;
}

interface Placed {
  /** Rows and columns, int64 [2]. */
  size: string;
  /** The upper left corner, float64 [2]: row, column. */
  corner: string;
  /** Input pixels a picture's pixel, float64 [2]. */
  scale: string;
}

/**
 * What `augment` does with a picture that is only looked at: bilinear, each byte rounded, then laid into the input as the recipe says.
 *
 * @param image uint8 [height, width, 3]
 * @param normalize of pixels [1, 3, H, W]
 */
export function layPicture(
  graph: GraphBuilder,
  options: InputOptions,
  image: string,
  { normalize, clipTo, clips }: { normalize: (pixels: string) => string; clipTo: "border" | "last-pixel"; clips: boolean },
): LaidGraph {
  const input = evaluationInput(options);
  const rowsAndColumns = graph.slice(graph.add("Shape", [image]), 0, 0, 2);
  const picture = graph.cast(rowsAndColumns, "float64");
  const placed = placeIn(graph, input, picture);
  const bytes = resizedBytes(graph, image, picture, placed.size);
  const pixels = graph.unsqueeze(graph.add("Transpose", [bytes], { perm: [2, 0, 1] }), [0]);
  return {
    images: fill(graph, input, pixels, placed, normalize),
    limits: limitsOf(graph, placed, clipTo),
    toPicture: (boxes) => backToPicture(graph, boxes, placed, clips ? rowsAndColumns : undefined),
  };
}

/** @param picture rows and columns, float64 [2] */
function placeIn(graph: GraphBuilder, input: InputOptions, picture: string): Placed {
  const zeros = graph.constant("float64", [0, 0]);
  if (input.resize === "stretch") {
    const size = graph.constant("float64", [input.height, input.width]);
    return { size: graph.ints([input.height, input.width]), corner: zeros, scale: graph.add("Div", [size, picture]) };
  }
  if (input.resize === "letterbox") {
    const size = graph.constant("float64", [input.height, input.width]);
    const fit = smallest(graph, graph.add("Div", [size, picture]));
    const scale = input.enlarge ? fit : graph.add("Min", [fit, graph.constant("float64", [1])]);
    const rounded = graph.add("Floor", [graph.add("Add", [graph.add("Mul", [picture, scale]), graph.scalar("float64", 0.5)])]);
    const own = graph.add("Max", [rounded, graph.scalar("float64", 1)]);
    const room = graph.add("Mul", [graph.add("Sub", [size, own]), graph.scalar("float64", 0.5)]);
    return {
      size: graph.cast(own, "int64"),
      corner: input.align === "center" ? graph.add("Floor", [room]) : zeros,
      scale: graph.add("Expand", [scale, graph.ints([2])]),
    };
  }
  const short = graph.add("Div", [graph.constant("float64", [input.shortSides.at(-1)!]), smallest(graph, picture)]);
  const long = graph.add("Div", [graph.constant("float64", [input.longSide]), graph.reduce("ReduceMax", picture, [0], { keepdims: true })]);
  const whole = graph.add("Floor", [graph.add("Mul", [picture, graph.add("Min", [short, long])])]);
  const own = graph.add("Max", [whole, graph.scalar("float64", 1)]);
  return { size: graph.cast(own, "int64"), corner: zeros, scale: graph.add("Div", [own, picture]) };
}

const smallest = (graph: GraphBuilder, values: string) => graph.reduce("ReduceMin", values, [0], { keepdims: true });

/** Around the picture a letterbox's colour before the normalisation, or zeros behind it. */
function fill(graph: GraphBuilder, input: InputOptions, pixels: string, placed: Placed, normalize: (pixels: string) => string): string {
  if (input.resize === "stretch") return normalize(pixels);
  if (input.resize === "sides") {
    const multiple = graph.scalar("int64", input.multiple);
    const up = graph.add("Add", [placed.size, graph.scalar("int64", input.multiple - 1)]);
    const whole = graph.add("Mul", [graph.add("Div", [up, multiple]), multiple]);
    return padded(graph, normalize(pixels), placed, input.least === undefined ? whole : atLeast(graph, whole, input.least));
  }
  const colors = graph.constant("float32", input.fill, [1, 3, 1, 1]);
  const around = padded(graph, graph.add("Sub", [pixels, colors]), placed, graph.ints([input.height, input.width]));
  return normalize(graph.add("Add", [around, colors]));
}

/** Whole numbers go through floats: before opset 12 `Max` takes no others. */
const atLeast = (graph: GraphBuilder, sides: string, least: number): string =>
  graph.cast(graph.add("Max", [graph.cast(sides, "float64"), graph.scalar("float64", least)]), "int64");

/** With zeros, to a canvas of rows and columns [2]. */
function padded(graph: GraphBuilder, pixels: string, { size, corner }: Placed, canvas: string): string {
  const before = graph.cast(corner, "int64");
  const behind = graph.add("Sub", [graph.add("Sub", [canvas, size]), before]);
  const none = graph.ints([0, 0]);
  return graph.add("Pad", [pixels, graph.add("Concat", [none, before, none, behind], { axis: 0 })], { mode: "constant" });
}

/** Limits of a part of the input that is known when the graph is made. */
export function fixedLimits(
  graph: GraphBuilder,
  { width, height }: { width: number; height: number },
  clipTo: "border" | "last-pixel",
): Limits {
  const infinite = Number.POSITIVE_INFINITY;
  const vector = (values: number[]) => graph.constant("float32", values);
  if (clipTo === "border") return { low: vector([0, 0, 0, 0]), high: vector([width, height, width, height]) };
  return { low: vector([0, 0, -infinite, -infinite]), high: vector([infinite, infinite, width - 1, height - 1]) };
}

/** Limits of a part that is known only when the graph runs: from a corner, float [2], with rows and columns, int64 [2]. */
export function limitsOf(graph: GraphBuilder, { corner, size }: Pick<Placed, "corner" | "size">, clipTo: "border" | "last-pixel"): Limits {
  const near = graph.cast(swapped(graph, corner), "float32");
  const far = graph.add("Add", [near, graph.cast(swapped(graph, size), "float32")]);
  const infinite = Number.POSITIVE_INFINITY;
  const both = (first: string, second: string) => graph.add("Concat", [first, second], { axis: 0 });
  if (clipTo === "border") return { low: both(near, near), high: both(far, far) };
  const last = graph.add("Sub", [far, graph.scalar("float32", 1)]);
  return {
    low: both(near, graph.constant("float32", [-infinite, -infinite])),
    high: both(graph.constant("float32", [infinite, infinite]), last),
  };
}

/** Rows and columns → x and y. */
const swapped = (graph: GraphBuilder, pair: string) => graph.add("Gather", [pair, graph.ints([1, 0])], { axis: 0 });

function backToPicture(graph: GraphBuilder, boxes: string, { corner, scale }: Placed, clipTo: string | undefined): string {
  const four = (pair: string) => {
    const xy = graph.cast(swapped(graph, pair), "float32");
    return graph.add("Concat", [xy, xy], { axis: 0 });
  };
  const mapped = graph.add("Div", [graph.add("Sub", [boxes, four(corner)]), four(scale)]);
  if (clipTo === undefined) return mapped;
  return graph.add("Min", [graph.add("Max", [mapped, graph.scalar("float32", 0)]), four(clipTo)]);
}
