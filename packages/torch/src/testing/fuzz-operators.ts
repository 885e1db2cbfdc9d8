import { writeSync } from "node:fs";
import { seededRandom } from "@singleshot/testing";
import { native } from "../native.js";
import * as ops from "../ops.generated.js";
import { scope } from "../scope.js";
import { tensor } from "../tensor.js";
import { allOperators, type Operator } from "./operator-table.js";

/**
 * Calls every operator with arguments that are often wrong, straight at native code, where nothing checks them first. Each call either
 * returns or throws an Error of one line; a crash ends the process, and what stands last in the output is the culprit.
 *
 *     node fuzz-operators.js SEED ROUNDS
 */

const of = (shape: number[]) => ops.empty(shape).uniform_({ from: -2, to: 3 });

/** Few elements, many kinds: shapes, types, strides, indices out of range, no elements at all. Nothing a broadcast could make large. */
const kinds: (() => ops.Tensor)[] = [
  ...[[], [0], [3], [2, 3], [2, 3, 4, 5], [4, 3, 3, 3], [0, 3, 4, 4], [3, 0]].map((shape) => () => of(shape)),
  ...(["int64", "int32", "uint8", "float64", "float16", "bfloat16", "complex64", "bool"] as const).map(
    (dtype) => () => of([2, 3]).to(dtype),
  ),
  () => of([1, 3, 8, 8]).contiguous({ memoryFormat: "channelsLast" }),
  () => of([1]).expand([4, 3]),
  () => of([2, 3]).permute([1, 0]),
  () => tensor([2 ** 40, -5, 7], { dtype: "int64" }),
  () => {
    const leaf = of([2, 3]);
    leaf.requiresGrad = true;
    return leaf;
  },
];

const garbage = ["x", null, undefined, {}, [], Number.NaN, 1.5, true, () => 0, Symbol("s"), 10n, 2n ** 70n];
const integers = [-1, 0, 1, 2, 3, 4, 7, -100, 2 ** 40, 2 ** 53, -(2 ** 53), 2 ** 62];
const scalars = [0, -0, 1, 2, -3, 0.5, 1e308, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 63, true, 1n];
const words = [
  "float32",
  "int64",
  "bool",
  "complex64",
  "float",
  "",
  "channelsLast",
  "contiguous",
  "mean",
  "cpu",
  "cuda:99",
  "ij",
  "reflect",
];

function run(seed: number, rounds: number): void {
  const random = seededRandom(seed);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;
  const several = <T>(choices: readonly T[]) => Array.from({ length: pick([0, 1, 1, 2, 2, 3, 4]) }, () => pick(choices));

  function valueFor(type: string, tensors: readonly ops.Tensor[]): unknown {
    const plain = type.replace(/\?$/, "");
    if (random() < 0.04) return pick(garbage);
    if (plain !== type && random() < 0.3) return pick([undefined, null]);
    if (plain === "Tensor") return random() < 0.03 ? pick([0, 1, 5, 2 ** 24, 2 ** 60, -3]) : pick(tensors).handle;
    if (/^Tensor\??\[\]/.test(plain)) return several([...tensors.map(({ handle }) => handle), null]);
    if (plain === "int") return pick(random() < 0.6 ? [-1, 0, 1, 2] : integers);
    if (plain.startsWith("int[")) return random() < 0.1 ? pick(integers) : several(random() < 0.7 ? [-1, 0, 1, 2, 3] : integers);
    if (plain === "bool") return random() < 0.5;
    if (["Scalar", "float"].includes(plain)) return pick(scalars);
    if (/^(Scalar|float)\[/.test(plain)) return several(scalars);
    if (plain === "Generator") return pick([0, 99, -1]);
    return pick(words);
  }

  const operators = allOperators();
  for (let round = 0; round < rounds; round++) {
    for (const operator of operators) {
      scope(() => {
        const tensors = kinds.map((make) => make());
        const values = operator.arguments.map(({ type }) => valueFor(type, tensors));
        if (random() < 0.03) values.push(1, 2);
        if (random() < 0.03) values.length = Math.floor(random() * values.length);
        writeSync(1, `${operator.row} ${values.map((value) => describe(value, tensors)).join(", ")}\n`);
        call(operator, values);
      });
    }
  }
}

function describe(value: unknown, tensors: readonly ops.Tensor[]): string {
  if (Array.isArray(value)) return `[${value.map((item) => describe(item, tensors)).join(", ")}]`;
  return String(tensors.find(({ handle }) => handle === value) ?? (typeof value === "object" ? JSON.stringify(value) : String(value)));
}

function call({ id }: Operator, values: unknown[]): void {
  try {
    for (const result of [native.call(id, ...values)].flat()) if (typeof result === "number" && result >= 2 ** 24) native.release(result);
  } catch (error) {
    if (!(error instanceof Error) || /\n|Exception raised|frame #/.test(error.message)) throw new Error(`no good error: ${error}`);
  }
}

run(Number(process.argv[2]), Number(process.argv[3]));
writeSync(1, `done, ${native.liveTensors()} tensors alive\n`);
