import type { DetectorOptions } from "../../recipes/index.js";
import type { GraphBuilder } from "./graph-builder.js";

interface Asked {
  /** [N, A, columns] */
  scores: string;
  columns: number;
  levels: readonly string[];
}

const NONE = -1;

/** The scores that take part in the suppression; the others become -1: [N, A, columns] → the same. */
export function bestCandidates(graph: GraphBuilder, { scores, columns, levels }: Asked, rules: DetectorOptions["postprocess"]): string {
  const { scoreThreshold, candidates } = rules;
  const { per, count, bestClassOnly } = candidates;
  const own = bestClassOnly && columns > 1 ? ofBestClass(graph, scores, columns) : scores;
  const above = keepWhere(graph, graph.add("Greater", [own, graph.scalar("float32", scoreThreshold)]), own);
  if (count === undefined) return above;
  if (per === "class") return best(graph, above, count);
  const parts = per === "level" ? graph.splitAt(above, levels, 1) : [above];
  const kept = parts.map((part) => {
    const cells = graph.add("Reshape", [part, graph.ints([0, -1, 1])]);
    return graph.add("Reshape", [best(graph, cells, count), graph.ints([0, -1, columns])]);
  });
  return kept.length === 1 ? kept[0]! : graph.add("Concat", kept, { axis: 1 });
}

const keepWhere = (graph: GraphBuilder, condition: string, scores: string) =>
  graph.add("Where", [condition, scores, graph.scalar("float32", NONE)]);

/** A box keeps the score of its best class, of equal ones the first. */
function ofBestClass(graph: GraphBuilder, scores: string, columns: number): string {
  const column = graph.add("ArgMax", [scores], { axis: 2, keepdims: 1 });
  const all = graph.ints(Array.from({ length: columns }, (_, i) => i));
  return keepWhere(graph, graph.add("Equal", [column, all]), scores);
}

/** The best rows of every column of [N, rows, columns], of equal ones the first. */
function best(graph: GraphBuilder, scores: string, count: number): string {
  const shape = graph.add("Shape", [scores]);
  const [values, rows] = [graph.fresh("candidates"), graph.fresh("rows")];
  graph.add("TopK", [scores, graph.smallest([graph.ints([count]), graph.slice(shape, 0, 1, 2)])], { axis: 1 }, [values, rows]);
  const empty = graph.add("Expand", [graph.scalar("float32", NONE), shape]);
  return graph.add("ScatterElements", [empty, rows, values], { axis: 1 });
}
