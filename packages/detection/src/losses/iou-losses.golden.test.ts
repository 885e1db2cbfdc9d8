import { expectClose, golden } from "@singleshot/testing";
import { scope, tensor } from "@singleshot/torch";
import { describe, expect, test } from "vitest";
import { iouLosses } from "./index.js";

describe("losses of boxes as wholes and their gradients equal torchvision's", () => {
  interface Case {
    loss: string;
    eps: number;
    boxes1: number[][];
    boxes2: number[][];
    value: number[];
    grad_boxes1: number[][];
  }
  const { cases } = golden("losses/elementwise") as { cases: Case[] };
  const whole = cases.filter((one): one is Case & { loss: keyof typeof iouLosses } => one.loss in iouLosses);

  test("each kind is there", () => expect(new Set(whole.map(({ loss }) => loss))).toEqual(new Set(Object.keys(iouLosses))));

  test.each(whole)("$loss", ({ loss, eps, boxes1, boxes2, value, grad_boxes1 }) => {
    scope(() => {
      const predicted = tensor(boxes1);
      predicted.requiresGrad = true;
      const ours = iouLosses[loss](predicted, tensor(boxes2), { eps });
      expectClose(ours.toTypedArray<"float32">(), value, { rtol: 2e-6, atol: 2e-6, name: "value" });
      ours.sum().backward();
      expectClose(predicted.grad!.toTypedArray<"float32">(), grad_boxes1, { rtol: 1e-5, atol: 1e-8, name: "gradient" });
    });
  });
});

describe("they are 1 less torchvision's overlap of every two boxes", () => {
  interface Overlaps {
    a: number[][];
    b: number[][];
    generalized_box_iou: number[][];
    distance_box_iou: number[][];
    complete_box_iou: number[][];
  }
  const { a, b, ...theirs } = golden<Overlaps>("boxes/iou");

  test.each([
    ["giou", theirs.generalized_box_iou, 2e-6],
    ["diou", theirs.distance_box_iou, 2e-6],
    ["ciou", theirs.complete_box_iou, 2e-5],
  ] as const)("%s", (loss, overlaps, tolerance) => {
    const hasArea = ([x1, y1, x2, y2]: number[]) => x2! > x1! && y2! > y1!;
    const pairs = a.flatMap((one, i) => b.map((other, j) => ({ one, other, overlap: overlaps[i]![j]! })));
    const proper = pairs.filter(({ one, other }) => hasArea(one) && hasArea(other)); // torchvision's functions and losses divide by nothing otherwise
    const ours = scope(() =>
      iouLosses[loss](tensor(proper.map(({ one }) => one)), tensor(proper.map(({ other }) => other))).toTypedArray<"float32">(),
    );
    expect(proper.length).toBeGreaterThan(40);
    expectClose(
      ours.map((value) => 1 - value),
      proper.map(({ overlap }) => overlap),
      { rtol: tolerance, atol: tolerance },
    );
  });
});
