import { InputError } from "@singleshot/vision";
import type { DetectorOptions } from "../../recipes/index.js";
import { bestCandidates } from "./candidates.js";
import type { GraphBuilder } from "./graph-builder.js";

/** A part of the input as the names of two vectors: boxes are at least `low` and at most `high`, [4] each. */
export interface Limits {
  low: string;
  high: string;
}

export interface Table {
  /** [N, A, C] */
  scores: string;
  /** [N, A, 4] */
  boxes: string;
  /** C */
  columns: number;
  /** Anchors of each level: the name of a whole number, [1]. */
  levels: readonly string[];
}

/** Names of what was found in all pictures, K together: picture after picture, each best first. */
export interface Found {
  /** [K] int64 */
  batch: string;
  /** [K, 4] */
  boxes: string;
  /** [K] */
  scores: string;
  /** [K] int64 */
  labels: string;
}

/** What the recipe asks for and ONNX's NonMaxSuppression cannot do. */
export function requireSelectable({ postprocess: { nms, maxPerClass } }: DetectorOptions): void {
  const problem =
    (nms.method === "soft" && "soft suppression") ||
    (nms.overlap === "smaller" && "an overlap counted by the smaller box") ||
    (nms.classAgnostic && maxPerClass !== undefined && "a limit for each class where classes compete");
  if (problem) {
    throw new InputError(`ONNX's non-maximum suppression does not know ${problem}`, {
      fix: "export with --graph decoded and select the detections outside, or change the recipe's postprocess",
    });
  }
}

const NONE = -1; // the score of what does not take part

/** What `detectionsOf` does, in a graph; of `epsilon` nothing is left. */
export function selection(graph: GraphBuilder, table: Table, options: DetectorOptions, limits: Limits): Found {
  const { postprocess: rules, scores: kind } = options;
  const firstColumn = kind === "softmax" ? 1 : 0;
  const columns = table.columns - firstColumn;
  const boxes = rules.clip === "before-nms" ? clipped(graph, table.boxes, limits) : table.boxes;
  const asked = firstColumn === 0 ? table.scores : graph.slice(table.scores, 2, firstColumn, table.columns);
  const scores = bestCandidates(graph, { ...table, scores: asked, columns }, rules);
  const suppressed = (rules.nms.classAgnostic ? amongAll : byClass)(graph, { boxes, scores, columns }, rules);
  const best = bestOfAll(graph, suppressed, rules.maxDetections);
  const { column, anchor } = suppressed.placeOf(best.place);
  const labels = graph.add("Add", [column, graph.scalar("int64", firstColumn + (kind === "sigmoid" ? 1 : 0))]);
  const kept = kind === "sigmoid-with-background" ? foregroundOf(graph, best.scores, labels) : isScore(graph, best.scores);
  const at = graph.add("Transpose", [graph.add("NonZero", [kept])], { perm: [1, 0] }); // [K, 2]: picture, rank
  const batch = graph.squeeze(graph.slice(at, 1, 0, 1), [1]);
  const pick = (values: string) => graph.add("GatherND", [values, at]);
  const rows = graph.add("Concat", [graph.unsqueeze(batch, [1]), graph.unsqueeze(pick(anchor), [1])], { axis: 1 });
  const found = graph.add("GatherND", [boxes, rows]);
  return {
    batch,
    boxes: rules.clip === "after-nms" ? clipped(graph, found, limits) : found,
    scores: pick(best.scores),
    labels: pick(labels),
  };
}

export function clipped(graph: GraphBuilder, boxes: string, { low, high }: Limits): string {
  return graph.add("Min", [graph.add("Max", [boxes, low]), high]);
}

const isScore = (graph: GraphBuilder, scores: string) => graph.add("Greater", [scores, graph.scalar("float32", NONE / 2)]);

const foregroundOf = (graph: GraphBuilder, scores: string, labels: string) =>
  graph.add("And", [isScore(graph, scores), graph.add("Greater", [labels, graph.scalar("int64", 0)])]);

/** What is left of a table after the suppression. */
interface Suppressed {
  /** [N, all places]: scores, NONE where nothing is left. */
  scores: string;
  /** How many are left, in all pictures: [1]. */
  count: string;
  /** Column and anchor of places. */
  placeOf: (place: string) => { column: string; anchor: string };
}

interface Rivals {
  boxes: string;
  /** [N, A, columns] */
  scores: string;
  columns: number;
}

type Rules = DetectorOptions["postprocess"];

/** A box for each class: boxes of one class compete. Places run class by class. */
function byClass(graph: GraphBuilder, { boxes, scores }: Rivals, rules: Rules): Suppressed {
  const table = graph.add("Transpose", [scores], { perm: [0, 2, 1] }); // [N, columns, A]
  const anchors = graph.slice(graph.add("Shape", [table]), 0, 2, 3);
  return {
    ...left(graph, boxes, table, rules),
    placeOf: (place) => {
      const column = graph.add("Div", [place, anchors]);
      return { column, anchor: graph.add("Sub", [place, graph.add("Mul", [column, anchors])]) };
    },
  };
}

/** Every box once for each class, as if all were of one: places run anchor by anchor. */
function amongAll(graph: GraphBuilder, { boxes, scores, columns }: Rivals, rules: Rules): Suppressed {
  const repeated = graph.add("Tile", [graph.unsqueeze(boxes, [2]), graph.ints([1, 1, columns, 1])]);
  const all = graph.add("Reshape", [repeated, graph.ints([0, -1, 4])]);
  const count = graph.scalar("int64", columns);
  return {
    ...left(graph, all, graph.add("Reshape", [scores, graph.ints([0, 1, -1])]), rules),
    placeOf: (place) => {
      const anchor = graph.add("Div", [place, count]);
      return { anchor, column: graph.add("Sub", [place, graph.add("Mul", [anchor, count])]) };
    },
  };
}

/** @param scores [N, classes, boxes] */
function left(graph: GraphBuilder, boxes: string, scores: string, rules: Rules): Pick<Suppressed, "scores" | "count"> {
  const { nms, maxPerClass, maxDetections, scoreThreshold } = rules;
  const most = Math.min(maxPerClass ?? Number.MAX_SAFE_INTEGER, maxDetections ?? Number.MAX_SAFE_INTEGER, 2 ** 30);
  const kept = graph.add("NonMaxSuppression", [
    withoutInverted(graph, boxes),
    scores,
    graph.constant("int64", [most]),
    graph.constant("float32", [nms.inclusive ? nms.iouThreshold * (1 - 2 ** -23) : nms.iouThreshold]),
    graph.constant("float32", [scoreThreshold]),
  ]); // [K, 3]: picture, class, box
  const shape = graph.add("Shape", [scores]);
  const empty = graph.add("Expand", [graph.scalar("float32", NONE), shape]);
  const table = graph.add("ScatterND", [empty, kept, graph.add("GatherND", [scores, kept])]);
  return { scores: graph.add("Reshape", [table, graph.ints([0, -1])]), count: graph.slice(graph.add("Shape", [kept]), 0, 0, 1) };
}

/** ONNX would turn a box whose far corner lies before its near one; to us it has no area. */
function withoutInverted(graph: GraphBuilder, boxes: string): string {
  const near = graph.slice(boxes, 2, 0, 2);
  return graph.add("Concat", [near, graph.add("Max", [near, graph.slice(boxes, 2, 2, 4)])], { axis: 2 });
}

/** The best of each picture, best first, of equal ones the first place: [N, k] each. */
function bestOfAll(graph: GraphBuilder, { scores, count }: Suppressed, most: number | undefined): { scores: string; place: string } {
  const places = graph.slice(graph.add("Shape", [scores]), 0, 1, 2);
  const limits = [count, places, ...(most === undefined ? [] : [graph.ints([most])])];
  const [values, place] = [graph.fresh("best"), graph.fresh("place")];
  graph.add("TopK", [scores, graph.smallest(limits)], { axis: 1 }, [values, place]);
  return { scores: values, place };
}
