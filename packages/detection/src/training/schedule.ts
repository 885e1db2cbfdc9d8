import type { ScheduleOptions } from "../recipes/index.js";

export interface Position {
  epoch: number;
  /** Step within the epoch. */
  step: number;
  /** Of this epoch: others may have more or fewer. */
  stepsPerEpoch: number;
  /** Steps since the beginning of the run. */
  globalStep: number;
  /** Steps of the whole run. */
  totalSteps: number;
}

/**
 * What the learning rate is multiplied with at a step: the schedule times the warm-up.
 *
 * Agrees with torchvision's reference trainer and with PyTorch's `MultiStepLR`, `CosineAnnealingLR`, `PolynomialLR`, `ExponentialLR`,
 * `OneCycleLR`, and `SequentialLR` of `LinearLR` and another where the schedule starts after the warm-up.
 *
 * @see Loshchilov & Hutter 2017 (cosine, arXiv:1608.03983); Smith & Topin 2018 (one cycle, arXiv:1708.07120)
 */
export function learningRateFactor(schedule: ScheduleOptions, position: Position): number {
  const { done, steps } = warmupOf(schedule, position);
  if (done >= steps) return decay(schedule, schedule.startsAfterWarmup ? moved(position, steps) : position);
  const rising = schedule.warmupFactor + (1 - schedule.warmupFactor) * (done / steps);
  return schedule.startsAfterWarmup ? rising : rising * decay(schedule, position);
}

/** How many steps the warm-up has, and how many are done. */
function warmupOf(schedule: ScheduleOptions, { epoch, step, stepsPerEpoch, globalStep }: Position): { done: number; steps: number } {
  const { warmupSteps, warmupEpochs, warmupInFirstEpoch } = schedule;
  if (warmupInFirstEpoch && epoch > 0) return { done: 0, steps: 0 };
  const [done, wanted] =
    warmupEpochs === undefined ? [globalStep, warmupSteps] : [epoch * stepsPerEpoch + step, warmupEpochs * stepsPerEpoch];
  return { done, steps: warmupInFirstEpoch ? Math.min(wanted, stepsPerEpoch - 1) : wanted };
}

/** The position counted from the end of the warm-up. */
function moved({ epoch, step, stepsPerEpoch, globalStep, totalSteps }: Position, steps: number): Position {
  const since = epoch * stepsPerEpoch + step - steps;
  const start = Math.floor(since / stepsPerEpoch);
  return {
    epoch: start,
    step: since - start * stepsPerEpoch,
    stepsPerEpoch,
    globalStep: globalStep - steps,
    totalSteps: totalSteps - steps,
  };
}

type Named<Name> = Extract<ScheduleOptions, { name: Name }>;
type Decays = { [Name in ScheduleOptions["name"]]: (schedule: Named<Name>, position: Position) => number };

const decays: Decays = {
  constant: () => 1,
  "multi-step": ({ milestones, unit, gamma }, { epoch, globalStep }) =>
    gamma ** milestones.filter((milestone) => (unit === "step" ? globalStep : epoch) >= milestone).length,
  cosine: (schedule, position) => between(1, schedule.finalFactor, epochsDone(schedule, position) / periodOf(schedule)),
  polynomial: (schedule, position) => Math.max(0, 1 - epochsDone(schedule, position) / periodOf(schedule)) ** schedule.power,
  exponential: (schedule, position) => schedule.gamma ** epochsDone(schedule, position),
  "one-cycle": ({ rising, initialFactor, finalFactor }, { globalStep, totalSteps }) => {
    const [peak, last] = [rising * totalSteps - 1, totalSteps - 1];
    if (globalStep <= peak) return between(initialFactor, 1, globalStep / peak);
    return between(1, finalFactor, (globalStep - peak) / (last - peak));
  },
};

const decay = (schedule: ScheduleOptions, position: Position): number => decays[schedule.name](schedule as never, position);

const epochsDone = ({ per }: { per: "step" | "epoch" }, { epoch, step, stepsPerEpoch }: Position) =>
  epoch + (per === "step" ? step / stepsPerEpoch : 0);

const periodOf = ({ period, epochs }: { period?: number | undefined; epochs: number }) => period ?? epochs;

/** Half a cosine wave from one value to another, and back where `progress` goes on beyond 1. */
const between = (from: number, to: number, progress: number) => to + ((from - to) * (1 + Math.cos(Math.PI * progress))) / 2;
