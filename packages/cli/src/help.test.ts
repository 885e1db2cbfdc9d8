import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createProgram } from "./program.js";
import { runHere } from "./testing/index.js";

const fixture = (name: string) => readFileSync(new URL(`../fixtures/help/${name}.txt`, import.meta.url), "utf8");
const commands = createProgram().commands.map((command) => command.name());

test("there are six commands", () => {
  expect(commands).toEqual(["train", "eval", "predict", "inspect", "recipes", "doctor"]);
});

test.each(commands)("%s --help", async (command) => {
  expect(await runHere(command, "--help")).toEqual({ code: 0, stdout: fixture(command), stderr: "" });
});

test("singleshot alone and with --help lists the commands", async () => {
  const expected = { code: 0, stdout: fixture("singleshot"), stderr: "" };
  expect(await runHere("--help")).toEqual(expected);
  expect(await runHere()).toEqual(expected);
});

test("--version", async () => {
  expect(await runHere("--version")).toEqual({ code: 0, stdout: "0.1.0\n", stderr: "" });
});

test("no line is wider than 100 characters", () => {
  const lines = ["singleshot", ...commands].flatMap((name) => fixture(name).split("\n"));
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
});
