import { expect, test } from "vitest";
import { parseSaveEvery } from "./save-every.js";

const parsed = (...words: string[]) =>
  words.reduce<ReturnType<typeof parseSaveEvery> | undefined>((earlier, word) => parseSaveEvery(word, earlier), undefined);

test.each([
  [["500"], { steps: 500 }],
  [["500", "steps"], { steps: 500 }],
  [["500 steps"], { steps: 500 }],
  [["10", "minutes"], { minutes: 10 }],
  [["1.5min"], { minutes: 1.5 }],
])("--save-every %j", (words, expected) => {
  expect(parsed(...words)).toEqual(expected);
});

test.each([[["often"]], [["0"]], [["1.5"]], [["minutes"]], [["-3"]]])("--save-every %j is refused", (words) => {
  const last = words.at(-1)!;
  expect(() => parsed(...words)).toThrow(`--save-every: ${last} is no number of steps or minutes. For example: --save-every 500 steps.`);
});
