import { expect, test } from "vitest";
import { isEvaluated } from "./evaluated-epochs.js";

const evaluated = (options: Omit<Parameters<typeof isEvaluated>[1], "epochs">) =>
  Array.from({ length: 14 }, (_, i) => i + 1).filter((epoch) => isEvaluated(epoch, { ...options, epochs: 14 }));

test.each([
  ["every fourth, and the last", { everyEpochs: 4 }, [4, 8, 12, 14]],
  ["every fourth from the first on", { everyEpochs: 4, firstEpoch: 1 }, [1, 5, 9, 13, 14]],
  [
    "every third and every fifth, as GluonCV validates and where it saves",
    { everyEpochs: [3, 5], firstEpoch: 1 },
    [1, 4, 6, 7, 10, 11, 13, 14],
  ],
])("%s", (_, options, epochs) => {
  expect(evaluated(options)).toEqual(epochs);
});
