import { expect, test } from "vitest";
import { nn, ops, recordTape, scope, tensor } from "./index.js";

test("a tape has the calls that depend on the inputs, by the names of their schemas; the rest are constants", () => {
  scope(() => {
    const x = tensor([[1, -2]]);
    const layer = new nn.Linear(2, 3);
    const tape = recordTape([x], () => [
      layer
        .forward(x)
        .relu()
        .mul(ops.ones([3]).add(1)),
    ]);
    expect(tape.calls.map(({ operator }) => operator)).toEqual(["linear", "relu", "mul"]);
    const [linear, relu, mul] = tape.calls;
    expect(linear!.operands.input).toBe(tape.inputs[0]);
    expect((linear!.operands.weight as { constant: unknown }).constant).toBeDefined();
    expect(relu!.operands.self).toBe(linear!.results[0]);
    expect([...(mul!.operands.other as { constant: { toTypedArray(): Float32Array } }).constant.toTypedArray()]).toEqual([2, 2, 2]);
    expect(tape.outputs).toEqual(mul!.results);
    expect(tape.outputs[0]).toMatchObject({ shape: [1, 3], dtype: "float32" });
  });
});

test("writing into a tensor stands as a new result; lists of tensors and of results are kept", () => {
  scope(() => {
    const x = tensor([1, 2, 3, 4]);
    const tape = recordTape([x], () => {
      const [left, right] = x.chunk(2);
      const sum = left!.add(1);
      sum.add_(right!);
      return [ops.cat([sum, left!])];
    });
    const [chunk, add, addInPlace, cat] = tape.calls;
    expect(chunk!.results).toHaveLength(2);
    expect(addInPlace!.operator).toBe("add_");
    expect(addInPlace!.operands.self).toBe(add!.results[0]);
    expect(cat!.operands.tensors).toEqual([addInPlace!.results[0], chunk!.results[0]]);
  });
});

test("values are shown while they live, and what the watcher computes leaves no trace", () => {
  scope(() => {
    const x = tensor([1, -5]);
    const seen: number[] = [];
    const tape = recordTape([x], () => [x.abs().neg()], { onValue: (value, number) => void seen.push(number, value.amax().item()) });
    expect(seen).toEqual([0, 1, 1, 5, 2, -1]);
    expect(tape.calls).toHaveLength(2);
    expect(recordTape([x], () => [x]).calls).toEqual([]);
  });
});

test("after an error nothing is recorded any more", () => {
  scope(() => {
    const x = tensor([1]);
    expect(() => recordTape([x], () => [x.matmul(ops.ones([3]))])).toThrow("aten::matmul");
    expect(() =>
      recordTape([x], () => [x.neg()], {
        onValue: () => {
          throw new Error("the watcher's own");
        },
      }),
    ).toThrow("the watcher's own");
    expect(x.neg().item()).toBe(-1);
  });
});
