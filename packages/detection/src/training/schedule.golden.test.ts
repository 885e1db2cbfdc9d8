import { expectClose, golden } from "@singleshot/testing";
import { describe, test } from "vitest";
import { recipes, resolveRecipe, type ScheduleOptions } from "../recipes/index.js";
import { learningRateFactor } from "./schedule.js";

interface Sequence {
  name: string;
  recipe?: string;
  base_lr: number;
  epochs: number;
  iterations_per_epoch: number;
  scheduler: "multistep" | "cosine";
  milestones: number[];
  gamma: number;
  warmup: { start_factor: number };
  lr: [epoch: number, iteration: number, rate: number][];
}

const sequences = (golden("schedules/schedules") as { sequences: Sequence[] }).sequences;

function scheduleOf({ scheduler, epochs, milestones, gamma, warmup }: Sequence): ScheduleOptions {
  const shared = { epochs, warmupSteps: 1000, warmupFactor: warmup.start_factor, warmupInFirstEpoch: true };
  const schedule =
    scheduler === "cosine" ? { name: "cosine" as const, ...shared } : { name: "multi-step" as const, milestones, gamma, ...shared };
  return resolveRecipe({ ...recipes.get("ssdlite320"), schedule }).schedule;
}

describe("learning rates equal those of torchvision's reference trainer", () => {
  test.each(sequences.filter(({ recipe }) => recipe === "torchvision references/detection"))("$name", (sequence) => {
    const schedule = scheduleOf(sequence);
    const stepsPerEpoch = sequence.iterations_per_epoch;
    const at = (epoch: number, step: number) => ({ epoch, step, stepsPerEpoch, globalStep: epoch * stepsPerEpoch + step });
    const ours = sequence.lr.map(([epoch, step]) => sequence.base_lr * learningRateFactor(schedule, at(epoch, step)));
    expectClose(
      ours,
      sequence.lr.map(([, , rate]) => rate),
      { rtol: 1e-9 },
    );
  });
});

test("the cosine by epochs is MobileSparrow's", () => {
  const { base_lr, lr } = sequences.find(({ name }) => name === "sparrow cosine")! as unknown as {
    base_lr: number;
    lr: [number, number][];
  };
  const { schedule } = resolveRecipe(recipes.get("sparrow-ssdlite"), { reference: true });
  const used = lr.filter(([epoch]) => epoch < schedule.epochs);
  const ours = used.map(
    ([epoch]) => base_lr * learningRateFactor(schedule, { epoch, step: 7, stepsPerEpoch: 9, globalStep: 9 * epoch + 7 }),
  );
  expectClose(
    ours,
    used.map(([, rate]) => rate),
    { rtol: 1e-9 },
  );
});
