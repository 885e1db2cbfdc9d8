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
const named = <T>(name: string) => sequences.find((sequence) => sequence.name === name) as unknown as Sequence & T;
const resolved = (schedule: object) => resolveRecipe({ ...recipes.get("ssdlite320"), schedule }).schedule;

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
    const at = (epoch: number, step: number) => ({
      epoch,
      step,
      stepsPerEpoch,
      globalStep: epoch * stepsPerEpoch + step,
      totalSteps: sequence.epochs * stepsPerEpoch,
    });
    const ours = sequence.lr.map(([epoch, step]) => sequence.base_lr * learningRateFactor(schedule, at(epoch, step)));
    expectClose(
      ours,
      sequence.lr.map(([, , rate]) => rate),
      { rtol: 1e-9 },
    );
  });
});

/** A schedule that changes by epochs, at a step in the middle of each. */
const inEpoch = (schedule: ScheduleOptions, epoch: number) =>
  learningRateFactor(schedule, { epoch, step: 7, stepsPerEpoch: 9, globalStep: 9 * epoch + 7, totalSteps: 9 * schedule.epochs });

/** A schedule that changes by steps, each an epoch of its own. */
const atStep = (schedule: ScheduleOptions, step: number) =>
  learningRateFactor(schedule, { epoch: step, step: 0, stepsPerEpoch: 1, globalStep: step, totalSteps: schedule.epochs });

type Rows = { lr: [place: number, ...rates: number[]][] };

function expectRates({ lr }: Rows, ours: (place: number) => number[], last = Number.POSITIVE_INFINITY): void {
  const rows = lr.filter(([place]) => place <= last);
  expectClose(
    rows.flatMap(([place]) => ours(place)),
    rows.flatMap(([, ...rates]) => rates),
    { rtol: 1e-9, atol: 1e-18 },
  );
}

test("the cosine by epochs is MobileSparrow's", () => {
  const { schedule } = resolveRecipe(recipes.get("sparrow-ssdlite"), { reference: true });
  const theirs = named<Rows>("sparrow cosine");
  expectRates(theirs, (epoch) => [theirs.base_lr * inEpoch(schedule, epoch)], schedule.epochs - 1);
});

test("the steps are GluonCV's", () => {
  const theirs = named<Rows & { steps: number[] }>("gluoncv steps");
  const schedule = resolved({ name: "multi-step", epochs: theirs.epochs, milestones: theirs.steps, gamma: theirs.gamma });
  expectRates(theirs, (epoch) => [theirs.base_lr * inEpoch(schedule, epoch)]);
});

test("the phases by iterations are the RetinaNet tutorial's", () => {
  const theirs = named<Rows & { phases_end_at: number[] }>("scratch pretraining phases");
  const schedule = resolved({
    name: "multi-step",
    unit: "step",
    epochs: 1_000_000,
    milestones: theirs.phases_end_at,
    gamma: theirs.gamma,
  });
  expectRates(theirs, (step) => [theirs.base_lr * atStep(schedule, step)]);
});

/** train_ssd.py steps its scheduler before each epoch: its epoch e has what the schedule gives for e + 1. */
describe("learning rates of all groups equal pytorch-ssd's", () => {
  type Groups = Rows & { group_lrs: number[]; t_max: number };
  const theirs = sequences.filter(({ recipe }) => recipe?.startsWith("pytorch-ssd")) as unknown as (Sequence & Groups)[];

  test.each(theirs)("$name", (sequence) => {
    const { epochs, t_max: period, milestones, group_lrs } = sequence;
    const kind = period === undefined ? { name: "multi-step", milestones } : { name: "cosine", period };
    const schedule = resolved({ epochs, ...kind });
    expectRates(sequence, (epoch) => group_lrs.map((rate) => rate * inEpoch(schedule, epoch + 1)));
  });
});

describe("PyTorch's other schedules", () => {
  const per = "step";
  const rows: [name: string, peak: (theirs: Sequence & { max_lr: number }) => number, schedule: object][] = [
    ["OneCycleLR", ({ max_lr }) => max_lr, { name: "one-cycle", epochs: 200 }],
    ["PolynomialLR power 0.9", ({ base_lr }) => base_lr, { name: "polynomial", epochs: 60, per, period: 50, power: 0.9 }],
    [
      "CosineAnnealingLR with eta_min",
      ({ base_lr }) => base_lr,
      { name: "cosine", epochs: 40, per, period: 30, finalFactor: 0.0001 / 0.05 },
    ],
    ["ExponentialLR", ({ base_lr }) => base_lr, { name: "exponential", epochs: 30, per, gamma: 0.95 }],
    [
      "SequentialLR: LinearLR 0.1 over 10, then cosine 90",
      ({ base_lr }) => base_lr,
      { name: "cosine", epochs: 100, per, period: 90, warmupSteps: 10, warmupFactor: 0.1, startsAfterWarmup: true },
    ],
  ];

  test.each(rows)("%s", (name, peak, options) => {
    const theirs = named<Rows & { max_lr: number }>(name);
    const schedule = resolved(options);
    expectRates(theirs, (step) => [peak(theirs) * atStep(schedule, step)]);
  });
});
