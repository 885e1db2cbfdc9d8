import type { Operand, TapeCall, TapeValue } from "@singleshot/torch";
import type { Translation } from "./translation.js";

/** One number for each axis → at the beginning of both, then at the end. */
export const nodePads = (padding: Operand): number[] => [padding, padding].flat() as number[];

/** A convolution with weights and bias that have names already. */
export function convolution(to: Translation, operands: TapeCall["operands"], weight: string, bias?: string): string {
  const { input, stride, padding, dilation, groups } = operands;
  const kernel = (operands.weight as TapeValue).shape.slice(2);
  return to.graph.add("Conv", [to.nameOf(input), weight, ...(bias ? [bias] : [])], {
    kernel_shape: kernel,
    strides: (stride ?? [1, 1]) as number[],
    pads: nodePads(padding ?? [0, 0]),
    dilations: (dilation ?? [1, 1]) as number[],
    group: (groups ?? 1) as number,
  });
}

/** In words that every version of ONNX from 11 on has. */
export function activationOf({ graph, float }: Translation, activation: string, value: string): string {
  const sigmoid = () => graph.add("HardSigmoid", [value], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
  switch (activation) {
    case "none":
      return value;
    case "relu":
      return graph.add("Relu", [value]);
    case "relu6":
      return graph.add("Clip", [value, graph.scalar(float, 0), graph.scalar(float, 6)]);
    case "hardsigmoid":
      return sigmoid();
    case "hardswish":
      return graph.add("Mul", [value, sigmoid()]);
    default:
      throw new Error(`export: the activation ${activation} has no translation into ONNX`);
  }
}
