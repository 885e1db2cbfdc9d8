import { scope, type Tape, type TapeCall, type TapeValue, type Tensor } from "@singleshot/torch";
import { bytesOf } from "./elements.js";
import { activationOf, convolution } from "./layers.js";
import type { Translation } from "./translation.js";

/** Which batch norms can become part of the convolution before them: those that alone read its result. */
export function foldings({ calls, outputs }: Tape) {
  const readers = new Map<unknown, TapeCall[]>();
  const read = (value: unknown, call: TapeCall) => readers.set(value, [...(readers.get(value) ?? []), call]);
  for (const call of calls) for (const operand of Object.values(call.operands).flat()) if (isValue(operand)) read(operand, call);
  const norms = new Map<TapeCall, TapeCall>();
  for (const call of calls) {
    const [reader, ...others] = readers.get(call.results[0]) ?? [];
    if (call.operator !== "conv2d" || others.length > 0 || outputs.includes(call.results[0]!)) continue;
    if (reader?.operator === "batch_norm_activation" && reader.operands.input === call.results[0]) norms.set(call, reader);
  }
  const gone = new Set(norms.values());
  return { normBehind: (call: TapeCall) => norms.get(call), isNorm: (call: TapeCall) => gone.has(call) };
}

const isValue = (operand: unknown): boolean => typeof operand === "object" && operand !== null && "dtype" in operand;
const constantOf = (operand: unknown): Tensor | undefined => (operand as TapeValue | undefined | null)?.constant;

/**
 * A convolution with the batch norm behind it in its weights, computed in float64 when they are written, and the activation:
 *
 *     w' = w · s     b' = (b - mean) · s + β     s = γ / √(variance + ε)
 */
export function foldedConvolution(to: Translation, conv: TapeCall, norm: TapeCall): string {
  const [weight, bias] = [constantOf(conv.operands.weight)!, constantOf(conv.operands.bias)];
  const [gamma, beta, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map((name) => constantOf(norm.operands[name])!);
  const precise = (tensor: Tensor) => tensor.detach().to("float64");
  const scale = () =>
    precise(gamma!).div(
      precise(variance!)
        .add(norm.operands.eps as number)
        .sqrt(),
    );
  const foldedWeight = () => precise(weight).mul(scale().view([-1, 1, 1, 1]));
  const foldedBias = () => (bias ? precise(bias).sub(precise(mean!)) : precise(mean!).neg()).mul(scale()).add(precise(beta!));
  const name = to.nameOf(conv.operands.weight);
  const names = [foldedWeight, foldedBias].map((compute, i) =>
    to.graph.tensor({
      name: `${name.replace(/\.weight$/, "")}.folded.${i === 0 ? "weight" : "bias"}`,
      dtype: to.float,
      shape: i === 0 ? weight.shape : [weight.shape[0]!],
      bytes: () => scope(() => bytesOf(compute().to(to.float))),
    }),
  );
  return activationOf(to, norm.operands.activation as string, convolution(to, conv.operands, names[0]!, names[1]!));
}
