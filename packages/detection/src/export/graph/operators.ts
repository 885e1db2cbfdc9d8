import type { Operand, TapeCall, TapeValue } from "@singleshot/torch";
import { activationOf, convolution, nodePads } from "./layers.js";
import type { Translation } from "./translation.js";

/** Writes what an operator does and gives the name of its result, or of each. */
export type Translator = (translation: Translation, call: TapeCall) => string | string[];

const shapeOf = (operand: Operand) => (operand as TapeValue).shape;
const numbers = (operand: Operand) => operand as readonly number[];
const axisOf = (operand: Operand, rank: number): number => (((operand ?? 0) as number) + rank) % rank;

/** One input, the same name in ONNX or nearly. */
const plain =
  (operator: string): Translator =>
  (to, { operands }) =>
    to.graph.add(operator, [to.nameOf(operands.self)]);

/** Two inputs, of which the second may be a number; `alpha` is never used. */
const binary =
  (operator: string): Translator =>
  (to, { operands, results }) => {
    const { dtype } = results[0]!;
    return to.graph.add(operator, [to.nameOfEither(operands.self, dtype), to.nameOfEither(operands.other, dtype)]);
  };

const nothing: Translator = (to, { operands }) => to.nameOf(operands.self);

/** By shapes: sides in front that stay are copied, the first that changes takes the rest, so that it may have any length. */
const reshape: Translator = (to, { operands, results }) => {
  const from = shapeOf(operands.self);
  const into = results[0]!.shape;
  const changed = into.findIndex((side, i) => side !== from[i]);
  const sides = into.map((side, i) => (changed < 0 || i < changed ? 0 : i === changed ? -1 : side));
  return to.graph.add("Reshape", [to.nameOf(operands.self), to.graph.ints(sides)]);
};

const reduced =
  (operator: string): Translator =>
  (to, { operands }) => {
    const axes = [operands.dim!].flat() as number[];
    return to.graph.reduce(operator, to.nameOf(operands.self), axes, { keepdims: operands.keepdim === true });
  };

const mean: Translator = (to, call) => {
  const { dim, keepdim, self } = call.operands;
  const isGlobal = keepdim === true && String(dim) === "2,3" && shapeOf(self).length === 4;
  return isGlobal ? to.graph.add("GlobalAveragePool", [to.nameOf(self)]) : reduced("ReduceMean")(to, call);
};

const pool =
  (operator: string): Translator =>
  (to, { operands }) => {
    const { kernel_size, stride, padding, dilation, ceil_mode, self } = operands;
    const attributes = { kernel_shape: numbers(kernel_size), strides: numbers(stride ?? kernel_size), pads: nodePads(padding ?? [0, 0]) };
    const ofMax = operator === "MaxPool" ? { dilations: numbers(dilation ?? [1, 1]) } : { count_include_pad: 1 };
    return to.graph.add(operator, [to.nameOf(self)], { ...attributes, ...ofMax, ceil_mode: Number(ceil_mode === true) });
  };

/** To a multiple by its factor, which fits inputs of any size; else to the size. */
const resized =
  (attributes: Record<string, string>): Translator =>
  (to, { operands, results }) => {
    const { graph } = to;
    const input = to.nameOf(operands.self);
    const [, , height = 0, width = 0] = shapeOf(operands.self);
    const [rows = 0, columns = 0] = results[0]!.shape.slice(2);
    if (rows % height === 0 && columns % width === 0)
      return graph.resize(input, { factors: [1, 1, rows / height, columns / width] }, attributes);
    const front = graph.slice(graph.add("Shape", [input]), 0, 0, 2);
    return graph.resize(input, { size: graph.add("Concat", [front, graph.ints([rows, columns])], { axis: 0 }) }, attributes);
  };

const stack: Translator = (to, { operands, results }) => {
  const axis = axisOf(operands.dim, results[0]!.shape.length);
  const parts = (operands.tensors as readonly Operand[]).map((part) => to.graph.unsqueeze(to.nameOf(part), [axis]));
  return to.graph.add("Concat", parts, { axis });
};

const cat: Translator = (to, { operands, results }) => {
  const parts = (operands.tensors as readonly Operand[]).map((part) => to.nameOf(part));
  return to.graph.add("Concat", parts, { axis: axisOf(operands.dim, results[0]!.shape.length) });
};

const chunk: Translator = (to, { operands, results }) => {
  const axis = axisOf(operands.dim, shapeOf(operands.self).length);
  return to.graph.split(
    to.nameOf(operands.self),
    results.map(({ shape }) => shape[axis]!),
    axis,
  );
};

const unbind: Translator = (to, { operands, results }) => {
  const axis = axisOf(operands.dim, shapeOf(operands.self).length);
  return results.map((_, i) => to.graph.add("Gather", [to.nameOf(operands.self), to.graph.scalar("int64", i)], { axis }));
};

/** [N, C, ...]: normalised as one image a group, then by channel. */
const groupNorm: Translator = (to, { operands }) => {
  const { graph } = to;
  const { input, num_groups, weight, bias, eps } = operands;
  const groups = num_groups as number;
  const shape = shapeOf(input);
  const value = to.nameOf(input);
  const [ones, zeros] = [1, 0].map((fill) => graph.constant(to.float, new Array(groups).fill(fill)));
  const grouped = graph.add("Reshape", [value, graph.ints([0, groups, -1])]);
  const normalized = graph.add("InstanceNormalization", [grouped, ones!, zeros!], { epsilon: { float: eps as number } });
  const back = graph.add("Reshape", [normalized, graph.add("Shape", [value])]);
  const perChannel = (operand: Operand) =>
    graph.unsqueeze(
      to.nameOf(operand),
      Array.from({ length: shape.length - 2 }, (_, i) => i + 1),
    );
  return graph.add("Add", [graph.add("Mul", [back, perChannel(weight)]), perChannel(bias)]);
};

/** What stays alone: behind no convolution. */
const batchNorm: Translator = (to, { operands }) => {
  const { input, weight, bias, running_mean, running_var, eps, activation } = operands;
  const inputs = [input, weight, bias, running_mean, running_var].map((operand) => to.nameOf(operand));
  const normalized = to.graph.add("BatchNormalization", inputs, { epsilon: { float: eps as number } });
  return activationOf(to, activation as string, normalized);
};

const clamp = (to: Translation, operand: Operand, min?: Operand, max?: Operand): string => {
  const { dtype } = operand as TapeValue;
  const limit = (value: Operand) => (typeof value === "number" ? to.graph.scalar(to.elementOf(dtype), value) : "");
  const limits = typeof max === "number" ? [limit(min), limit(max)] : [limit(min)];
  return to.graph.add("Clip", [to.nameOf(operand), ...limits]);
};

/** Every operator that networks and box coders use, by its name; one that writes into its argument (`add_`) as the one that does not. */
export const translators: Readonly<Record<string, Translator>> = {
  conv2d: (to, { operands }) => convolution(to, operands, to.nameOf(operands.weight), operands.bias ? to.nameOf(operands.bias) : undefined),
  batch_norm_activation: batchNorm,
  group_norm: groupNorm,
  relu: plain("Relu"),
  relu6: (to, { operands }) => activationOf(to, "relu6", to.nameOf(operands.self)),
  hardswish: (to, { operands }) => activationOf(to, "hardswish", to.nameOf(operands.self)),
  hardsigmoid: (to, { operands }) => activationOf(to, "hardsigmoid", to.nameOf(operands.self)),
  sigmoid: plain("Sigmoid"),
  exp: plain("Exp"),
  sqrt: plain("Sqrt"),
  square: (to, { operands }) => to.graph.add("Mul", [to.nameOf(operands.self), to.nameOf(operands.self)]),
  add: binary("Add"),
  sub: binary("Sub"),
  mul: binary("Mul"),
  div: binary("Div"),
  clamp_min: (to, { operands }) => clamp(to, operands.self, operands.min),
  clamp_max: (to, { operands }) => clamp(to, operands.self, undefined, operands.max),
  softmax: (to, { operands }) =>
    to.graph.add("Softmax", [to.nameOf(operands.self)], { axis: axisOf(operands.dim, shapeOf(operands.self).length) }),
  sum: reduced("ReduceSum"),
  norm: reduced("ReduceL2"), // with p = 2
  mean,
  max_pool2d: pool("MaxPool"),
  avg_pool2d: pool("AveragePool"),
  upsample_nearest2d: resized({ mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" }),
  upsample_bilinear2d: (to, call) =>
    resized({ mode: "linear", coordinate_transformation_mode: call.operands.align_corners === true ? "align_corners" : "half_pixel" })(
      to,
      call,
    ),
  cat,
  stack,
  chunk,
  unbind,
  permute: (to, { operands }) => to.graph.add("Transpose", [to.nameOf(operands.self)], { perm: numbers(operands.dims) }),
  reshape,
  view: reshape,
  flatten: reshape,
  contiguous: nothing,
  to: (to, { operands, results }) => to.nameOfEither(operands.self, results[0]!.dtype),
};
