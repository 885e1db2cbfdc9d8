import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "@singleshot/vision";

/** The least and the greatest that a value became. */
export type Range = readonly [least: number, greatest: number];

/**
 * A model whose convolutions compute in 8 bits (post-training quantisation, in ONNX's QDQ form): weights as int8 with a scale for each output
 * channel, activations as uint8 between the ends of their ranges, biases as int32. Answers of the last convolutions stay float32.
 *
 * @param ranges of every value that `quantizedValues` names
 * @see Jacob et al. 2018 (arXiv:1712.05877), §2
 */
export function quantized(model: OnnxModel, ranges: ReadonlyMap<string, Range>): OnnxModel {
  const { graph } = model;
  const tensors = new Map(graph.tensors.map((tensor) => [tensor.name, tensor]));
  const activations = new Map([...ranges].map(([name, range]) => [name, activation(name, range)]));
  const replaced = (name: string) => activations.get(name)?.result ?? name;
  const added: OnnxTensor[] = [...activations.values()].flatMap(({ constants }) => constants);
  const nodes: OnnxNode[] = [];
  const names = new Set<string>();
  const isNew = (name: string) => !names.has(name) && names.add(name); // heads that several maps share have their weights once
  const pairsFor = (values: readonly string[]) => values.flatMap((name) => activations.get(name)?.pair ?? []);
  nodes.push(...pairsFor(graph.inputs.map(({ name }) => name)));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(replaced);
    const scale = node.operator === "Conv" ? activations.get(node.inputs[0]!)?.scale : undefined;
    if (scale === undefined) nodes.push({ ...node, inputs });
    else {
      const parts = node.inputs.slice(1).map((name) => tensors.get(name)!);
      const { made, constants } = quantizedConvolution(node, parts as [OnnxTensor, OnnxTensor?], scale);
      added.push(...constants.filter(({ name }) => isNew(name)));
      nodes.push(...made.slice(0, -1).filter(({ outputs }) => isNew(outputs[0]!)), {
        ...made.at(-1)!,
        inputs: [inputs[0]!, ...made.at(-1)!.inputs.slice(1)],
      });
    }
    nodes.push(...pairsFor(node.outputs));
  }
  const metadata = new Map([...model.metadata, ["precision", "int8"]]);
  return { ...model, metadata, graph: withoutUnused({ ...graph, nodes, tensors: [...graph.tensors, ...added] }) };
}

const STEPS = 255;
const LEAST_STEP = 1e-15; // so that a product of two is still a float32

/** A value rounded to one of 256: the pair of nodes that does it, and what is read instead of it. */
function activation(name: string, [least, greatest]: Range) {
  const [from, to] = [Math.min(least, 0), Math.max(greatest, 0)];
  const scale = Math.fround(Math.max((to - from) / STEPS, LEAST_STEP));
  const constants: OnnxTensor[] = [
    { name: `${name}.scale`, dtype: "float32", shape: [], bytes: () => bytesOf(Float32Array.of(scale)) },
    {
      name: `${name}.zero`,
      dtype: "uint8",
      shape: [],
      bytes: () => Uint8Array.of(Math.min(Math.max(Math.round(-from / scale), 0), STEPS)),
    },
  ];
  const [rounded, result] = [`${name}.rounded`, `${name}.restored`];
  const settings = constants.map((constant) => constant.name);
  const pair: OnnxNode[] = [
    { operator: "QuantizeLinear", inputs: [name, ...settings], outputs: [rounded], attributes: {} },
    { operator: "DequantizeLinear", inputs: [rounded, ...settings], outputs: [result], attributes: {} },
  ];
  return { scale, constants, result, pair };
}

function quantizedConvolution(
  node: OnnxNode,
  [weight, bias]: [OnnxTensor, OnnxTensor?],
  inputScale: number,
): { made: OnnxNode[]; constants: OnnxTensor[] } {
  const channels = weight.shape[0]!;
  const scales = scalesOf(weight, channels);
  const weights = restored(`${weight.name}.int8`, "int8", weight.shape, scales, () => rounded(Int8Array, floats(weight), scales, 127));
  const products = scales.map((scale) => scale * inputScale); // of each map its own, where several share the bias
  const isRounded = bias !== undefined && fits(floats(bias), products);
  const parts = [weights];
  if (isRounded)
    parts.push(
      restored(`${bias.name}.${node.inputs[0]}.int32`, "int32", bias.shape, products, () =>
        bytesOf(rounded(Int32Array, floats(bias), products, MOST_OF_BIAS)),
      ),
    );
  const inputs = [node.inputs[0]!, ...parts.map(({ node: { outputs } }) => outputs[0]!), ...(bias && !isRounded ? [bias.name] : [])];
  return { made: [...parts.map((part) => part.node), { ...node, inputs }], constants: parts.flatMap((part) => part.constants) };
}

const MOST_OF_BIAS = 2 ** 31 - 1;

/** Beside a map that is almost nothing a bias is too large for 32 bits: it stays a float. */
const fits = (bias: Float32Array, scales: Float32Array) =>
  bias.every((value, channel) => Math.abs(value) <= MOST_OF_BIAS * scales[channel]!);

/** Whole numbers with a scale for each channel, and the node that makes floats of them. */
function restored(
  name: string,
  dtype: "int8" | "int32",
  shape: readonly number[],
  scales: Float32Array,
  values: () => Uint8Array | Int8Array,
) {
  const channels = scales.length;
  const zeros = () => new Uint8Array(channels * (dtype === "int8" ? 1 : 4));
  const constants: OnnxTensor[] = [
    { name, dtype, shape, bytes: () => bytesOf(values()) },
    { name: `${name}.scale`, dtype: "float32", shape: [channels], bytes: () => bytesOf(scales) },
    { name: `${name}.zero`, dtype, shape: [channels], bytes: zeros },
  ];
  const inputs = constants.map((constant) => constant.name);
  return { constants, node: { operator: "DequantizeLinear", inputs, outputs: [`${name}.restored`], attributes: { axis: 0 } } };
}

/** The largest weight of an output channel becomes 127. */
function scalesOf(weight: OnnxTensor, channels: number): Float32Array {
  const values = floats(weight);
  const length = values.length / channels;
  return Float32Array.from({ length: channels }, (_, channel) => {
    let most = 0;
    for (let i = channel * length; i < (channel + 1) * length; i++) most = Math.max(most, Math.abs(values[i]!));
    return Math.max(most / 127, LEAST_STEP);
  });
}

function rounded<T extends Int8Array | Int32Array>(
  kind: new (length: number) => T,
  values: Float32Array,
  scales: Float32Array,
  limit: number,
): T {
  const whole = new kind(values.length);
  const length = values.length / scales.length;
  for (let i = 0; i < values.length; i++) {
    whole[i] = Math.min(Math.max(Math.round(values[i]! / scales[Math.floor(i / length)]!), -limit), limit);
  }
  return whole;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) => new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);

function floats(tensor: OnnxTensor): Float32Array {
  const bytes = tensor.bytes();
  return new Float32Array(
    bytes.byteOffset % 4 === 0 ? bytes.buffer : bytes.slice().buffer,
    bytes.byteOffset % 4 === 0 ? bytes.byteOffset : 0,
    bytes.length / 4,
  );
}

function withoutUnused(graph: OnnxGraph): OnnxGraph {
  const used = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  return { ...graph, tensors: graph.tensors.filter(({ name }) => used.has(name)) };
}
