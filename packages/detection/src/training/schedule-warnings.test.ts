import { expect, test } from "vitest";
import { recipes, resolveRecipe } from "../recipes/index.js";
import { scheduleWarnings } from "./schedule-warnings.js";

const warnings = (schedule: object, steps = 10) => {
  const resolved = resolveRecipe({ ...recipes.get("ssdlite320"), schedule: { epochs: 30, ...schedule } }).schedule;
  return scheduleWarnings(
    resolved,
    Array.from({ length: 30 }, () => steps),
  );
};

test.each([
  [{ name: "cosine" }, []],
  [{ name: "cosine", period: 30 }, []],
  [{ name: "cosine", period: 100 }, ["schedule.period is 100, the run has 30 epochs: the learning rate does not come to its end"]],
  [{ name: "cosine", period: 20 }, ["schedule.period is 20, the run has 30 epochs: the learning rate rises again after the period"]],
  [{ name: "polynomial", period: 20 }, ["schedule.period is 20, the run has 30 epochs: nothing is learned after the period"]],
  [{ name: "multi-step", milestones: [20, 29] }, []],
  [{ name: "multi-step", milestones: [20, 30, 80] }, ["the run ends with epoch 30, before milestones 30, 80"]],
  [{ name: "multi-step", unit: "step", milestones: [300] }, ["the run ends with step 300, before milestone 300"]],
  [{ name: "constant", warmupSteps: 300 }, ["the run has 300 steps and warms up for 300: the learning rate is never reached"]],
  [{ name: "constant", warmupSteps: 300, warmupInFirstEpoch: true }, []],
  [{ name: "constant", warmupEpochs: 31 }, ["the run has 300 steps and warms up for 310: the learning rate is never reached"]],
])("%j", (schedule, expected) => {
  expect(warnings(schedule)).toEqual(expected);
});
