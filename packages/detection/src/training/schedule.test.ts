import { expectClose } from "@singleshot/testing";
import { expect, test } from "vitest";
import { recipes, resolveRecipe } from "../recipes/index.js";
import { learningRateFactor } from "./schedule.js";

const scheduleOf = (schedule: object) => resolveRecipe({ ...recipes.get("ssdlite320"), schedule }).schedule;

test("a warm-up in epochs lasts as many steps as the epochs have, however long they are", () => {
  const schedule = scheduleOf({ name: "constant", epochs: 10, warmupEpochs: 2, warmupFactor: 0.5 });
  const at = (epoch: number, step: number, stepsPerEpoch: number) =>
    learningRateFactor(schedule, { epoch, step, stepsPerEpoch, globalStep: 0, totalSteps: 100 });
  expectClose([at(0, 0, 10), at(1, 0, 10), at(2, 0, 10)], [0.5, 0.75, 1], { rtol: 1e-12 });
  expectClose([at(0, 1, 2), at(1, 1, 2), at(5, 0, 2)], [0.625, 0.875, 1], { rtol: 1e-12 });
});

test("a warm-up in steps counts those that were done, whatever epochs they lie in; one in the first epoch ends with it", () => {
  const shared = { name: "constant", epochs: 10, warmupSteps: 8, warmupFactor: 0 };
  const third = { epoch: 2, step: 1, stepsPerEpoch: 3, globalStep: 6, totalSteps: 30 }; // after epochs of two and three steps
  expect(learningRateFactor(scheduleOf(shared), third)).toBe(0.75);
  expect(learningRateFactor(scheduleOf({ ...shared, warmupInFirstEpoch: true }), third)).toBe(1);
});

test("no warm-up begins with the whole rate", () => {
  const schedule = scheduleOf({ name: "constant", epochs: 10, warmupEpochs: 0, warmupSteps: 5 });
  expect(learningRateFactor(schedule, { epoch: 0, step: 0, stepsPerEpoch: 10, globalStep: 0, totalSteps: 100 })).toBe(1);
});
