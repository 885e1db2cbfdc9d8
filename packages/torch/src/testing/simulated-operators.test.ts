import { fuzzCount, seededRandom } from "@singleshot/testing";
import { expect, test } from "vitest";
import type { DType } from "../dtype.js";
import { defaultGenerator, ops, scope, Tensor, tensor, toDevice } from "../index.js";
import { native } from "../native.js";
import type { Argument } from "../schema.js";
import { simulatedDevice } from "./index.js";
import { allOperators, type Operator } from "./operator-table.js";

const device = simulatedDevice();

/** These have a reason to give something else. */
const unlike: Record<string, string> = {
  "empty.memory_format": "its elements are what was in memory",
  empty_like: "its elements are what was in memory",
  detach_: "refuses a view, and what was copied to a device is none",
  group_norm: "libtorch 1.13 knows channels-last maps on the CPU alone",
};

const of = (shape: number[], dtype: DType = "float32") => ops.empty(shape).uniform_({ from: -2, to: 3 }).to(dtype);

/** Shapes that meet often, so that many a call is a right one. */
const operandsOnCpu = (): Tensor[] => [
  ...[[], [0], [3], [2, 3], [2, 3], [2, 3], [2, 3, 4, 5], [4, 3, 3, 3], [4, 3, 3, 3], [0, 3, 4, 4]].map((shape) => of(shape)),
  ...(["int64", "int32", "uint8", "float64", "bool"] as const).map((dtype) => of([2, 3], dtype)),
  of([1, 3, 8, 8]).contiguous({ memoryFormat: "channelsLast" }),
  of([2, 3]).permute([1, 0]),
  tensor([0, 1, 1], { dtype: "int64" }),
];
const operandCount = scope(() => operandsOnCpu().length);

/** An argument that is the same for both devices but for the tensors, which are numbers of operands, and the device. */
type Plan = { operand: number } | "device" | Plan[] | number | string | boolean | null | undefined;

function planner(random: () => number): (argument: Argument) => Plan {
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;
  const operand = () => ({ operand: Math.floor(random() * operandCount) });
  const several = <T>(make: () => T) => Array.from({ length: pick([1, 2, 2, 3, 4]) }, make);
  const made: [type: RegExp, make: () => Plan][] = [
    [/^Tensor$/, operand],
    [/^Tensor\??\[/, () => several(operand)],
    [/^int$/, () => pick([-1, 0, 1, 2, 3])],
    [/^int\[/, () => several(() => pick([0, 1, 1, 2, 3]))],
    [/^bool$/, () => random() < 0.5],
    [/^(Scalar|float)$/, () => pick([0, 1, 2, -3, 0.5])],
    [/^(Scalar|float)\[/, () => [1, 2]],
    [/^ScalarType$/, () => pick(["float32", "int64"])],
    [/^MemoryFormat$/, () => pick(["contiguous", "preserve"])],
    [/^str$/, () => pick(["ij", "constant", "reflect"])],
  ];
  return ({ name, type }) => {
    const plain = type.replace(/\?$/, "");
    if (name === "device") return "device";
    if (plain !== type && random() < 0.5) return null;
    return made.find(([pattern]) => pattern.test(plain))?.[1]();
  };
}

function argumentFor(plan: Plan, operands: readonly Tensor[], place: string): unknown {
  if (Array.isArray(plan)) return plan.map((item) => argumentFor(item, operands, place));
  if (plan === "device") return place;
  return typeof plan === "object" && plan !== null ? operands[plan.operand]!.handle : plan;
}

/** A tensor as text, but for its device; numbers to four digits. */
function shown(tensor: Tensor): string {
  const numbers = [...toDevice(tensor, "cpu").toTypedArray()].map((value) => Number(Number(value).toPrecision(4)));
  return `${tensor} strides ${tensor.strides}: ${numbers}`;
}

const isHandle = (result: unknown): result is number => typeof result === "number" && result >= 2 ** 24;

function resultsOf({ id }: Operator, values: readonly unknown[]): unknown[] | undefined {
  try {
    return [native.call(id, ...values)].flat();
  } catch {
    return undefined;
  }
}

/** What the call gives and what its operands are afterwards; undefined where it is refused. */
function outcome(operator: Operator, plans: readonly Plan[], place: string): string[] | undefined {
  defaultGenerator.seed(1);
  const operands = operandsOnCpu().map((operand) => toDevice(operand, place));
  const results = resultsOf(
    operator,
    plans.map((plan) => argumentFor(plan, operands, place)),
  );
  if (!results) return undefined;
  const given = (JSON.stringify(plans).match(/(?<="operand":)\d+/g) ?? []).map((i) => operands[Number(i)]!);
  const made = results.map((result) => (isHandle(result) ? new Tensor(result) : String(result)));
  for (const one of made) if (one instanceof Tensor) expect(one.device, operator.row).toBe(place);
  return [...made, ...given].map((one) => (one instanceof Tensor ? shown(one) : one));
}

test("every operator does on the device what it does on the CPU: results, layouts, what it writes, and what it refuses", () => {
  const plan = planner(seededRandom(Number(process.env.FUZZ_SEED ?? 1)));
  const operators = allOperators().filter(({ row }) => !(row in unlike));
  let computed = 0;
  for (let round = 0; round < fuzzCount(2); round++) {
    for (const operator of operators) {
      scope(() => {
        const plans = operator.arguments.map(plan);
        const [here, there] = ["cpu", device].map((place) => outcome(operator, plans, place));
        expect(there, `${operator.row} ${JSON.stringify(plans)}`).toEqual(here);
        if (here) computed++;
      });
    }
  }
  expect(computed).toBeGreaterThan(operators.length / 2); // the rest is mostly shapes that do not fit
});
