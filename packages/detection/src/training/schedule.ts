import type { ScheduleOptions } from "../recipes/index.js";

export interface Position {
  epoch: number;
  /** Step within the epoch. */
  step: number;
  /** Of this epoch: others may have more or fewer. */
  stepsPerEpoch: number;
  /** Steps since the beginning of the run. */
  globalStep: number;
}

/**
 * What the learning rate is multiplied with at a step: the schedule times the warm-up.
 * @see Loshchilov & Hutter 2017 (cosine, arXiv:1608.03983); warm-up and steps agree with torchvision's reference trainer
 */
export function learningRateFactor(schedule: ScheduleOptions, position: Position): number {
  return warmup(schedule, position) * decay(schedule, position);
}

function warmup(
  { warmupSteps, warmupEpochs, warmupFactor, warmupInFirstEpoch }: ScheduleOptions,
  { epoch, step, stepsPerEpoch, globalStep }: Position,
): number {
  if (warmupInFirstEpoch && epoch > 0) return 1;
  const [done, wanted] =
    warmupEpochs === undefined ? [globalStep, warmupSteps] : [epoch * stepsPerEpoch + step, warmupEpochs * stepsPerEpoch];
  const steps = warmupInFirstEpoch ? Math.min(wanted, stepsPerEpoch - 1) : wanted;
  return done >= steps ? 1 : warmupFactor + (1 - warmupFactor) * (done / steps);
}

function decay(schedule: ScheduleOptions, { epoch, step, stepsPerEpoch }: Position): number {
  switch (schedule.name) {
    case "constant":
      return 1;
    case "multi-step":
      return schedule.gamma ** schedule.milestones.filter((milestone) => epoch >= milestone).length;
    case "cosine": {
      const progress = (epoch + (schedule.per === "step" ? step / stepsPerEpoch : 0)) / schedule.epochs;
      return schedule.finalFactor + ((1 - schedule.finalFactor) * (1 + Math.cos(Math.PI * progress))) / 2;
    }
  }
}
