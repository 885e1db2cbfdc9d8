import type { Operand, Tape, TapeCall, TapeValue, Tensor } from "@singleshot/torch";
import { convertedBytes, type Element } from "./elements.js";
import { foldedConvolution, foldings } from "./fold.js";
import type { GraphBuilder } from "./graph-builder.js";
import { translators } from "./operators.js";

export interface TranslationOptions {
  /** What a constant is called in the graph; undefined leaves it to the translation. */
  nameOf?: (constant: Tensor) => string | undefined;
  /** The type of all that is float32 on the tape. */
  float?: "float32" | "float16";
}

/** A tape on its way into a graph: the names of its values, and what translators need. */
export class Translation {
  readonly #names = new Map<TapeValue, string>();
  readonly float: "float32" | "float16";
  readonly #nameOf: NonNullable<TranslationOptions["nameOf"]>;

  constructor(
    readonly graph: GraphBuilder,
    { nameOf = () => undefined, float = "float32" }: TranslationOptions,
  ) {
    this.float = float;
    this.#nameOf = nameOf;
  }

  define(value: TapeValue, name: string): void {
    this.#names.set(value, name);
  }

  /** The element type that a type of the tape has in the graph. */
  elementOf(dtype: TapeValue["dtype"]): Element {
    return dtype === "float32" || dtype === "float64" ? this.float : (dtype as Element);
  }

  /** The name of an operand that must be a tensor. */
  nameOf(operand: Operand): string {
    const value = operand as TapeValue;
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    const name = this.#constant(value);
    this.define(value, name);
    return name;
  }

  /** A tensor, or a number as one of the given type. */
  nameOfEither(operand: Operand, dtype: TapeValue["dtype"]): string {
    if (typeof operand === "number") return this.graph.scalar(this.elementOf(dtype), operand);
    const name = this.nameOf(operand);
    const own = this.elementOf((operand as TapeValue).dtype);
    return own === this.elementOf(dtype) ? name : this.graph.cast(name, this.elementOf(dtype));
  }

  #constant({ constant, shape, dtype }: TapeValue): string {
    if (!constant) throw new Error("a tensor that the tape does not know");
    const element = this.elementOf(dtype);
    const name = this.#nameOf(constant) ?? this.graph.fresh("constant");
    return this.graph.tensor({ name, dtype: element, shape, bytes: () => convertedBytes(constant, element) });
  }
}

/**
 * Writes a tape's calls into a graph, each by the translator of its operator; batch norm behind a convolution becomes part of it.
 *
 * @param inputs names in the graph of the tape's inputs
 * @returns the names of its outputs
 * @throws Error naming an operator that has no translator
 */
export function translate(graph: GraphBuilder, tape: Tape, inputs: readonly string[], options: TranslationOptions = {}): string[] {
  const translation = new Translation(graph, options);
  for (const [i, value] of tape.inputs.entries()) translation.define(value, inputs[i]!);
  const folded = foldings(tape);
  for (const call of tape.calls) {
    if (folded.isNorm(call)) continue;
    const norm = folded.normBehind(call);
    if (norm) translation.define(norm.results[0]!, foldedConvolution(translation, call, norm));
    else translateCall(translation, call);
  }
  return tape.outputs.map((value) => translation.nameOf(value));
}

function translateCall(translation: Translation, call: TapeCall): void {
  const translator = translators[call.operator] ?? translators[call.operator.replace(/_$/, "")];
  if (!translator)
    throw new Error(`export: the operator ${call.operator} has no translation into ONNX: give it one in export/graph/operators.ts`);
  const names = [translator(translation, call)].flat();
  for (const [i, value] of call.results.entries()) translation.define(value, names[i]!);
}
