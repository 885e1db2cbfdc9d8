import { InputError } from "@singleshot/vision";
import { anchorsPerCell, halfSides } from "../../boxes/index.js";
import type { AnchorLevel, AnchorOptions } from "../../recipes/index.js";
import type { GraphBuilder } from "./graph-builder.js";

/** Names of anchors that are computed from the input's size, which is known only when the graph runs. */
export interface ComputedAnchors {
  /** [A, 4] each */
  xyxy: string;
  cxcywh: string;
  /** Anchors of each level, int64 [1] each. */
  levels: string[];
}

/**
 * What `anchorTable` does, in a graph.
 *
 * @param maps  feature maps [N, C, h, w], finest first
 * @param input [N, 3, H, W]
 * @throws InputError for settings that depend on the input in other ways than RetinaNet's do
 */
export function computedAnchors(graph: GraphBuilder, options: AnchorOptions, maps: readonly string[], input: string): ComputedAnchors {
  if (options.unit !== "pixel" || options.clip !== "none" || options.order !== "cell") {
    throw new InputError("anchors in shares of the input, clipped, or shape by shape cannot be computed for inputs of any size", {
      fix: "give the recipe an input of one size (resize: stretch or letterbox)",
    });
  }
  const levels = options.levels.map((level, i) => levelOf(graph, options, level, { map: maps[i]!, input }));
  const corners = graph.add(
    "Concat",
    levels.map(({ xyxy }) => xyxy),
    { axis: 0 },
  );
  const centres = graph.add(
    "Concat",
    levels.map(({ cxcywh }) => cxcywh),
    { axis: 0 },
  );
  return {
    xyxy: corners,
    cxcywh: options.keeps === "corners" ? centresOf(graph, corners) : centres,
    levels: levels.map(({ count }) => count),
  };
}

function levelOf(graph: GraphBuilder, options: AnchorOptions, level: AnchorLevel, at: { map: string; input: string }) {
  const halves = halfSides(options, level, { width: Number.POSITIVE_INFINITY, height: Number.POSITIVE_INFINITY });
  const along = (axis: 2 | 3) => placesAlong(graph, options.center, level.step, { ...at, axis });
  const [rows, columns] = [along(2), along(3)];
  const perCell = anchorsPerCell(level);
  const shape = graph.add("Concat", [rows.count, columns.count, graph.ints([perCell])], { axis: 0 });
  const onGrid = (value: string) => graph.unsqueeze(graph.add("Expand", [value, shape]), [3]);
  const x = graph.unsqueeze(columns.places, [0, 2]); // [1, w, 1]
  const y = graph.unsqueeze(rows.places, [1, 2]); // [h, 1, 1]
  const [w, h] = [0, 1].map((side) =>
    graph.constant(
      "float32",
      halves.map((half) => half[side]!),
    ),
  );
  const table = (parts: string[]) => graph.add("Reshape", [graph.add("Concat", parts.map(onGrid), { axis: 3 }), graph.ints([-1, 4])]);
  const [twice, full] = [graph.scalar("float32", 2), (half: string) => graph.add("Mul", [half, twice])];
  return {
    xyxy: table([graph.add("Sub", [x, w!]), graph.add("Sub", [y, h!]), graph.add("Add", [x, w!]), graph.add("Add", [y, h!])]),
    cxcywh: table([x, y, full(w!), full(h!)]),
    count: graph.reduce("ReduceProd", shape, [0], { keepdims: true }),
  };
}

/** Where anchors stand along one side, in pixels. */
function placesAlong(
  graph: GraphBuilder,
  center: number,
  step: AnchorLevel["step"],
  { map, input, axis }: { map: string; input: string; axis: number },
) {
  const sideOf = (value: string) => graph.slice(graph.add("Shape", [value]), 0, axis, axis + 1);
  const count = sideOf(map);
  const distance = typeof step === "number" ? graph.constant("float32", [step]) : distanceOf(graph, step, sideOf(input), count);
  const [zero, oneMore] = [graph.scalar("int64", 0), graph.scalar("int64", 1)];
  const cells = graph.cast(graph.add("Range", [zero, graph.squeeze(count, [0]), oneMore]), "float32");
  return { count, places: graph.add("Mul", [graph.add("Add", [cells, graph.scalar("float32", center)]), distance]) };
}

function distanceOf(graph: GraphBuilder, step: "ceil" | "floor" | undefined, length: string, cells: string): string {
  const exact = graph.add("Div", [graph.cast(length, "float32"), graph.cast(cells, "float32")]);
  if (step === undefined) return exact;
  return graph.add(step === "ceil" ? "Ceil" : "Floor", [exact]);
}

/** Corners → centres and sides, as `anchorTable` computes them. */
function centresOf(graph: GraphBuilder, corners: string): string {
  const near = graph.slice(corners, 1, 0, 2);
  const sides = graph.add("Sub", [graph.slice(corners, 1, 2, 4), near]);
  const half = graph.add("Mul", [sides, graph.scalar("float32", 0.5)]);
  return graph.add("Concat", [graph.add("Add", [near, half]), sides], { axis: 1 });
}
