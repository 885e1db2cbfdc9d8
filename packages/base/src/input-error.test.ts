import { expect, test } from "vitest";
import { InputError, type InputErrorPlace, plainError, thrownError } from "./index.js";

test.each<[message: string, place: InputErrorPlace]>([
  ["a box has no height", {}],
  ["a.json: a box has no height", { file: "a.json" }],
  ["a.json, line 3, annotation 7: a box has no height. Remove it.", { file: "a.json", line: 3, annotation: 7, fix: "remove it" }],
  ["a box has no height. Is it meant?", { fix: "is it meant?" }],
])("%s", (message, place) => {
  expect(new InputError("a box has no height", place).message).toBe(message);
});

test("an error between threads stays what it was", () => {
  const wrong = new InputError("a box has no height", { file: "a.json", fix: "remove it" });
  const arrived = thrownError(structuredClone(plainError(wrong)));
  expect(arrived).toBeInstanceOf(InputError);
  expect(arrived).toMatchObject({ message: wrong.message, problem: wrong.problem, place: wrong.place });
  const bug = thrownError(structuredClone(plainError(new TypeError("no such method"))));
  expect(bug).toBeInstanceOf(TypeError);
  expect(bug.message).toBe("no such method");
  expect(thrownError(structuredClone(plainError("a word")))).toMatchObject({ name: "Error", message: "a word" });
});
