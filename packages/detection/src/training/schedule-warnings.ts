import type { ScheduleOptions } from "../recipes/index.js";

/**
 * What a user should know of a schedule that does not fit the run.
 * @param batches how many batches each epoch has
 */
export function scheduleWarnings(schedule: ScheduleOptions, batches: readonly number[]): string[] {
  const steps = batches.reduce((sum, count) => sum + count, 0);
  const warnings = [...endWarnings(schedule), ...milestoneWarnings(schedule, steps)];
  const stepsPerEpoch = steps / batches.length;
  const warming = schedule.warmupEpochs === undefined ? schedule.warmupSteps : Math.round(schedule.warmupEpochs * stepsPerEpoch);
  if (!schedule.warmupInFirstEpoch && warming >= steps)
    warnings.push(`the run has ${steps} steps and warms up for ${warming}: the learning rate is never reached`);
  return warnings;
}

function endWarnings(schedule: ScheduleOptions): string[] {
  if (schedule.name !== "cosine" && schedule.name !== "polynomial") return [];
  const { period, epochs } = schedule;
  if (period === undefined || period === epochs) return [];
  const what = `schedule.period is ${period}, the run has ${epochs} epochs`;
  if (period > epochs) return [`${what}: the learning rate does not come to its end`];
  return [
    `${what}: ${schedule.name === "cosine" ? "the learning rate rises again after the period" : "nothing is learned after the period"}`,
  ];
}

function milestoneWarnings(schedule: ScheduleOptions, steps: number): string[] {
  if (schedule.name !== "multi-step") return [];
  const end = schedule.unit === "step" ? steps : schedule.epochs;
  const late = schedule.milestones.filter((milestone) => milestone >= end);
  if (late.length === 0) return [];
  return [`the run ends with ${schedule.unit} ${end}, before ${late.length === 1 ? "milestone" : "milestones"} ${late.join(", ")}`];
}
