import { expectClose } from "@singleshot/testing";
import { expect, test } from "vitest";
import { recipes, resolveRecipe } from "../recipes/index.js";
import { learningRateFactor } from "./schedule.js";

const scheduleOf = (schedule: object) => resolveRecipe({ ...recipes.get("ssdlite320"), schedule }).schedule;

test("a warm-up in epochs lasts as many steps as the epochs have, however long they are", () => {
  const schedule = scheduleOf({ name: "constant", epochs: 10, warmupEpochs: 2, warmupFactor: 0.5 });
  const at = (epoch: number, step: number, stepsPerEpoch: number) => learningRateFactor(schedule, { epoch, step, stepsPerEpoch });
  expectClose([at(0, 0, 10), at(1, 0, 10), at(2, 0, 10)], [0.5, 0.75, 1], { rtol: 1e-12 });
  expectClose([at(0, 1, 2), at(1, 1, 2), at(5, 0, 2)], [0.625, 0.875, 1], { rtol: 1e-12 });
});

test("no warm-up begins with the whole rate", () => {
  const schedule = scheduleOf({ name: "constant", epochs: 10, warmupEpochs: 0, warmupSteps: 5 });
  expect(learningRateFactor(schedule, { epoch: 0, step: 0, stepsPerEpoch: 10 })).toBe(1);
});
