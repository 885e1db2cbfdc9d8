import type { OnnxGraph, OnnxNode } from "@singleshot/vision";

/** What stays within the network and can be computed on whole numbers. */
const OPERATORS = new Set(["Conv", "Relu", "Clip", "Add", "Mul", "Concat", "MaxPool", "AveragePool", "GlobalAveragePool", "Resize"]);
/** Behind a convolution they cost nothing, if nothing is rounded in between. */
const FUSED = new Set(["Relu", "Clip"]);

/** The values of a graph that are rounded when it computes in 8 bits: inputs of convolutions, and what lies between two. */
export function quantizedValues({ nodes }: Pick<OnnxGraph, "nodes">): string[] {
  const readers = new Map<string, OnnxNode[]>();
  for (const node of nodes) for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node]);
  const isRead = (name: string) => readers.get(name) ?? [];
  const behind = reachable(nodes, (node) => node.operator === "Conv");
  const before = reachable(nodes.toReversed(), (node) => node.operator === "Conv", { backwards: true });
  const isFused = (node: OnnxNode) =>
    node.operator === "Conv" && isRead(node.outputs[0]!).length === 1 && FUSED.has(isRead(node.outputs[0]!)[0]!.operator);
  const between = nodes.filter(
    (node) => OPERATORS.has(node.operator) && behind.has(node.outputs[0]!) && before.has(node.outputs[0]!) && !isFused(node),
  );
  const inputs = nodes.flatMap((node) => (node.operator === "Conv" ? [node.inputs[0]!] : []));
  return [...new Set([...inputs, ...between.map(({ outputs }) => outputs[0]!)])];
}

/** The values that the results (or, backwards, the inputs) of some nodes lead to. */
function reachable(ordered: readonly OnnxNode[], starts: (node: OnnxNode) => boolean, { backwards = false } = {}): Set<string> {
  const found = new Set<string>();
  for (const node of ordered) {
    const [from, to] = backwards ? [node.outputs, node.inputs] : [node.inputs, node.outputs];
    if (starts(node) || from.some((name) => found.has(name))) for (const name of to) found.add(name);
  }
  return found;
}
