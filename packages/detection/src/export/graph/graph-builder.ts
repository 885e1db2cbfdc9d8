import {
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxType,
  type OnnxValue,
  onnxTypeNumbers,
} from "@singleshot/vision";
import { type Element, elementsOf } from "./elements.js";

/** A graph in the making. Values are known by their names; every method that makes one gives its name. */
export class GraphBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #tensors = new Map<string, OnnxTensor>();
  readonly #inputs: OnnxValue[] = [];
  readonly #outputs: OnnxValue[] = [];
  readonly #made = new Map<string, number>();

  constructor(readonly opset: number) {}

  input(name: string, dtype: OnnxType, shape: readonly (number | string)[]): string {
    this.#inputs.push({ name, dtype, shape });
    return name;
  }

  /** Makes a value an output, under the name that users know. */
  output(name: string, value: string, dtype: OnnxType, shape: readonly (number | string)[]): void {
    this.add("Identity", [value], {}, [name]);
    this.#outputs.push({ name, dtype, shape });
  }

  /** A node with one result, or as many as have names. */
  add(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    outputs?: readonly string[],
  ): string {
    const names = outputs ?? [this.fresh(operator)];
    this.#nodes.push({ operator, inputs, attributes, outputs: names });
    return names[0]!;
  }

  /** A name that no value has yet. */
  fresh(name: string): string {
    const count = (this.#made.get(name) ?? 0) + 1;
    this.#made.set(name, count);
    return `${name}_${count}`;
  }

  /** A constant; its elements are asked for when the file is written. One of a known name is the one that is known. */
  tensor(tensor: OnnxTensor): string {
    if (!this.#tensors.has(tensor.name)) this.#tensors.set(tensor.name, tensor);
    return tensor.name;
  }

  /** A small constant, one for each content. */
  constant(dtype: Element, values: readonly number[], shape: readonly number[] = [values.length]): string {
    const name = `${dtype}[${shape}]:${values}`;
    return this.tensor({ name: name.length < 60 ? name : this.fresh(dtype), dtype, shape, bytes: () => elementsOf(dtype, values) });
  }

  ints(values: readonly number[]): string {
    return this.constant("int64", values);
  }

  scalar(dtype: Element, value: number): string {
    return this.constant(dtype, [value], []);
  }

  // What changed between versions of ONNX: axes and sizes were attributes, then inputs.

  unsqueeze(value: string, axes: readonly number[]): string {
    return this.#along("Unsqueeze", value, axes, 13);
  }

  squeeze(value: string, axes: readonly number[]): string {
    return this.#along("Squeeze", value, axes, 13);
  }

  /** ReduceSum, ReduceMax, ReduceMean, ReduceL2, ... */
  reduce(operator: string, value: string, axes: readonly number[], { keepdims }: { keepdims: boolean }): string {
    return this.#along(operator, value, axes, operator === "ReduceSum" ? 13 : 18, { keepdims: Number(keepdims) });
  }

  /** Parts of the given lengths along an axis. */
  split(value: string, lengths: readonly number[], axis: number): string[] {
    const names = lengths.map(() => this.fresh("Split"));
    const parts = this.opset < 13 ? { inputs: [value], sizes: { split: lengths } } : { inputs: [value, this.ints(lengths)], sizes: {} };
    this.add("Split", parts.inputs, { axis, ...parts.sizes }, names);
    return names;
  }

  #along(
    operator: string,
    value: string,
    axes: readonly number[],
    inputSince: number,
    attributes: Record<string, OnnxAttribute> = {},
  ): string {
    if (this.opset < inputSince) return this.add(operator, [value], { axes, ...attributes });
    return this.add(operator, [value, this.ints(axes)], attributes);
  }

  /** From `from` to `to` (not included) along an axis. */
  slice(value: string, axis: number, from: number, to: number): string {
    return this.add("Slice", [value, this.ints([from]), this.ints([to]), this.ints([axis])]);
  }

  /** Parts of lengths that are values themselves, [1] each. */
  splitAt(value: string, lengths: readonly string[], axis: number): string[] {
    let from = this.ints([0]);
    return lengths.map((length) => {
      const to = this.add("Add", [from, length]);
      const part = this.add("Slice", [value, from, to, this.ints([axis])]);
      from = to;
      return part;
    });
  }

  /** By factors for each axis, or to a size of each. */
  resize(value: string, to: { factors: readonly number[] } | { size: string }, attributes: Readonly<Record<string, string>>): string {
    const nothing = this.constant("float32", []);
    const inputs = "factors" in to ? [nothing, this.constant("float32", to.factors)] : [nothing, nothing, to.size];
    return this.add("Resize", [value, ...inputs], attributes);
  }

  /** Of whole numbers [1], which ONNX's Min knows from version 12 on only. */
  smallest(values: readonly string[]): string {
    return this.reduce("ReduceMin", this.add("Concat", values, { axis: 0 }), [0], { keepdims: true });
  }

  cast(value: string, dtype: Element): string {
    return this.add("Cast", [value], { to: onnxTypeNumbers[dtype] });
  }

  /** The graph; nodes whose results nobody uses are gone, and constants that none uses. */
  build(name: string): OnnxGraph {
    const needed = new Set(this.#outputs.map((output) => output.name));
    const nodes: OnnxNode[] = [];
    for (const node of [...this.#nodes].reverse()) {
      if (!node.outputs.some((output) => needed.has(output))) continue;
      nodes.unshift(node);
      for (const input of node.inputs) needed.add(input);
    }
    const tensors = [...this.#tensors.values()].filter((tensor) => needed.has(tensor.name));
    return { name, nodes, tensors, inputs: this.#inputs, outputs: this.#outputs };
  }
}
