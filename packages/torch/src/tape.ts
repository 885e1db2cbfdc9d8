import type { DType } from "./dtype.js";
import { type Handle, native, type OperatorId } from "./native.js";
import { Tensor } from "./ops.generated.js";
import { type Argument, parseSchema } from "./schema.js";
import { keep } from "./scope.js";

/** A tensor as it occurs on a tape. */
export interface TapeValue {
  shape: readonly number[];
  dtype: DType;
  /** Its elements, where they do not depend on the inputs: a weight, for instance. */
  constant?: Tensor;
}

/** What an operator was given: tensors, or plain numbers, texts and lists of them; undefined stands for the operator's default. */
export type Operand = TapeValue | undefined | null | boolean | number | string | readonly Operand[];

export interface TapeCall {
  /** Without namespace and overload: `conv2d`, `add_`. */
  operator: string;
  /** By their names in the operator's schema. */
  operands: Readonly<Record<string, Operand>>;
  results: readonly TapeValue[];
}

/** The operators that lead from some tensors to others, in the order in which they were called. */
export interface Tape {
  inputs: readonly TapeValue[];
  calls: readonly TapeCall[];
  outputs: readonly TapeValue[];
}

export interface RecordOptions {
  /** Is given every tensor that depends on the inputs when it is made, with its number in this order. */
  onValue?: (value: Tensor, number: number) => void;
}

/**
 * Records what `body` computes of some tensors: the same code that trains tells how the network is built. Calls that do not depend on
 * the inputs leave no trace, their results are constants. An operator that writes into its argument stands as one with a new result;
 * writing into a part of another tensor is not seen.
 *
 * @param body gives the outputs; not asynchronous
 */
export function recordTape(inputs: readonly Tensor[], body: () => readonly Tensor[], { onValue }: RecordOptions = {}): Tape {
  const recorder = new Recorder(onValue);
  const given = inputs.map(({ handle }) => recorder.define(handle));
  native.setRecorder((operator, args, result) => recorder.add(operator, args, result));
  try {
    const outputs = body().map(({ handle }) => recorder.valueOf(handle));
    return { inputs: given, calls: recorder.calls, outputs };
  } finally {
    native.setRecorder(null);
  }
}

class Recorder {
  readonly calls: TapeCall[] = [];
  readonly #values = new Map<Handle, TapeValue>();
  readonly #schemas = new Map<OperatorId, { operator: string; parameters: Argument[] }>();
  #made = 0;

  constructor(readonly onValue: RecordOptions["onValue"]) {}

  define(handle: Handle): TapeValue {
    const value = { shape: native.shape(handle), dtype: native.dtype(handle) };
    this.#values.set(handle, value);
    if (this.onValue) this.#show(handle, this.onValue);
    return value;
  }

  #show(handle: Handle, onValue: NonNullable<RecordOptions["onValue"]>): void {
    using seen = new Tensor(native.alias(handle));
    onValue(seen, this.#made++);
  }

  /** What is not known does not depend on the inputs. */
  valueOf(handle: Handle): TapeValue {
    const known = this.#values.get(handle);
    if (known) return known;
    const constant = keep(new Tensor(native.alias(handle)));
    const value = { shape: constant.shape, dtype: constant.dtype, constant };
    this.#values.set(handle, value);
    return value;
  }

  add(id: OperatorId, args: readonly unknown[], result: unknown): void {
    const { operator, parameters } = this.#schemaOf(id);
    if (!args.some((argument, i) => this.#depends(argument, parameters[i]!))) return;
    const operands = Object.fromEntries(args.map((argument, i) => [parameters[i]!.name, this.#operand(argument, parameters[i]!)]));
    const made = result === undefined ? [args[0] as Handle] : [result].flat().filter((handle) => typeof handle === "number");
    this.calls.push({ operator, operands, results: made.map((handle) => this.define(handle)) });
  }

  #depends(argument: unknown, { type }: Argument): boolean {
    if (!type.startsWith("Tensor")) return false;
    return [argument].flat().some((handle) => {
      const value = this.#values.get(handle as Handle);
      return value !== undefined && value.constant === undefined;
    });
  }

  #operand(argument: unknown, { type }: Argument): Operand {
    if (!type.startsWith("Tensor") || argument === undefined || argument === null) return argument as Operand;
    return Array.isArray(argument) ? argument.map((handle) => this.valueOf(handle)) : this.valueOf(argument as Handle);
  }

  #schemaOf(id: OperatorId): { operator: string; parameters: Argument[] } {
    const known = this.#schemas.get(id);
    if (known) return known;
    const { name, arguments: parameters } = parseSchema(native.schema(id));
    this.#schemas.set(id, { operator: name, parameters });
    return { operator: name, parameters };
  }
}
