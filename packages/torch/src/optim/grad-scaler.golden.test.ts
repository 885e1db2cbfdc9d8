import { describe, expect, test } from "vitest";
import { nn, ops, tensor } from "../index.js";
import { GradScaler, type GradScalerOptions } from "./grad-scaler.js";

/** Recorded from torch 2.13: `torch.amp.GradScaler`, one optimizer step a row; 1: its gradients held an infinity. */
const recorded: [name: string, options: GradScalerOptions, overflows: number[], states: [scale: number, tracker: number][]][] = [
  [
    "grows after so many good steps, and counts anew after a bad one",
    { growthInterval: 3 },
    [0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0],
    [
      ...([
        [65536, 1],
        [65536, 2],
        [32768, 0],
        [32768, 1],
        [32768, 2],
        [65536, 0],
        [65536, 1],
      ] as [number, number][]),
      ...([
        [65536, 2],
        [131072, 0],
        [65536, 0],
        [32768, 0],
        [32768, 1],
        [32768, 2],
        [65536, 0],
      ] as [number, number][]),
    ],
  ],
  [
    "keeps a scale in float32",
    { initialScale: 1000, growthFactor: 1.7, backoffFactor: 0.3, growthInterval: 2 },
    [1, 1, 0, 0, 0, 1, 0, 0],
    [
      [300, 0],
      [90, 0],
      [90, 1],
      [153, 0],
      [153, 1],
      [45.900001525878906, 0],
      [45.900001525878906, 1],
      [78.02999877929688, 0],
    ],
  ],
  [
    "grows to no infinity",
    { initialScale: 2 ** 127, growthInterval: 2 },
    [1, 0, 0, 1, 0],
    [
      [2 ** 126, 0],
      [2 ** 126, 1],
      [2 ** 127, 0],
      [2 ** 126, 0],
      [2 ** 126, 1],
    ],
  ],
];

describe("a gradient scaler's states are PyTorch's", () => {
  test.each(recorded)("%s", (_, options, overflows, states) => {
    const scaler = new GradScaler(options);
    const seen = overflows.map((overflow) => {
      scaler.update(overflow === 0);
      return [scaler.stateDict().get("scale"), scaler.stateDict().get("_growth_tracker")];
    });
    expect(seen).toEqual(states);
  });

  test("restored in the middle it goes on as if nothing had been", () => {
    const [, options, overflows, states] = recorded[0]!;
    const first = new GradScaler(options);
    for (const overflow of overflows.slice(0, 5)) first.update(overflow === 0);
    const second = new GradScaler(options);
    second.loadStateDict(first.stateDict());
    for (const overflow of overflows.slice(5)) second.update(overflow === 0);
    expect(second.stateDict().get("scale")).toBe(states.at(-1)![0]);
    expect(() => second.loadStateDict(new Map())).toThrow("this is not the state of a gradient scaler");
  });
});

test("what is scaled and unscaled is the gradient itself", () => {
  const weight = new nn.Parameter(ops.zeros([3]));
  const scaler = new GradScaler();
  const loss = weight.mul(tensor([1, 2, 3])).sum();
  scaler.scale(loss).backward();
  expect([...weight.grad!.toTypedArray()]).toEqual([65536, 131072, 196608]);
  scaler.unscale([weight]);
  expect([...weight.grad!.toTypedArray()]).toEqual([1, 2, 3]);
});
