import { writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { InputError } from "@singleshot/vision";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../testing/index.js";
import { helpOf } from "./help.js";
import { settingsOf } from "./own-words.js";
import { parse } from "./program.js";
import { clock, namespaceText, pythonFloat, timeStamp } from "./python.js";
import type { Row } from "./row.js";
import { notesOf, type TrainingProgram, translate } from "./translate.js";

const rows: Row[] = [
  { flags: ["-b", "--batch-size"], kind: "integer", default: 2, says: "pictures a step", into: "data.batchSize" },
  { flags: ["--lr", "--learning-rate"], kind: "number", default: 0.5, says: "the rate", into: "optimizer.learningRate" },
  { flags: ["--steps"], kind: "integers", default: [16, 22], says: "where it falls" },
  { flags: ["--start_epoch"], kind: "integer", says: "the first" },
  { flags: ["--freeze"], kind: "switch", says: "stop", decides: "training.freeze" },
  { flags: ["--cuda"], kind: "truth", default: true, says: "on a GPU", ignored: "there is none" },
  { flags: ["--paste"], kind: "switch", says: "paste", refused: "it cannot be" },
  { flags: ["--out"], kind: "text", says: "where" },
  { flags: ["--files"], kind: "texts", says: "which" },
  { flags: ["--gpu"], kind: "optional-truth", default: true, says: "there" },
  { flags: ["--net"], kind: "text", choices: ["a", "b"], default: "a", says: "which" },
];
const program = { name: "train", summary: "", description: "", rows: rows as never, words: "[FILE...]", examples: [] };
const said = (...argv: string[]) => parse(program, argv);
const valuesOf = (...argv: string[]) => said(...argv).values;

describe("a command line is read as argparse reads it", () => {
  test("defaults, and what was said", () => {
    const defaults = {
      batchSize: 2,
      lr: 0.5,
      steps: [16, 22],
      start_epoch: undefined,
      freeze: false,
      cuda: true,
      paste: false,
      out: undefined,
      files: undefined,
      gpu: true,
      net: "a",
    };
    expect(said()).toEqual({ values: defaults, given: new Set(), words: [] });
    expect(said("--freeze", "x.jpg", "y.jpg")).toEqual({
      values: { ...defaults, freeze: true },
      given: new Set(["freeze"]),
      words: ["x.jpg", "y.jpg"],
    });
  });

  test("every spelling, with a space, an equals sign or nothing between", () => {
    for (const argv of [["-b", "8"], ["-b8"], ["--batch-size", "8"], ["--batch-size=8"]])
      expect(valuesOf(...argv)).toMatchObject({ batchSize: 8 });
    for (const argv of [["--lr", "1e-3"], ["--learning-rate=.001"]]) expect(valuesOf(...argv)).toMatchObject({ lr: 0.001 });
  });

  test("lists end at the next flag", () => {
    expect(valuesOf("--steps", "80", "110", "--lr", "1")).toMatchObject({ steps: [80, 110], lr: 1 });
  });

  test("negative numbers and empty words are values", () => {
    expect(valuesOf("--lr", "-1", "--start_epoch=-1")).toMatchObject({ lr: -1, start_epoch: -1 });
    expect(() => valuesOf("--lr", "")).toThrow(new InputError(" is not a number", { file: "--lr" }));
  });

  test("a flag may be cut short as long as it is clear", () => {
    expect(valuesOf("--learn", "1", "--start=3", "--fr")).toMatchObject({ lr: 1, start_epoch: 3, freeze: true });
    expect(() => valuesOf("--st", "3")).toThrow(new InputError("--st may be --steps or --start_epoch", { fix: "write more of it" }));
  });

  test("a path may begin in the home folder, in whatever way it is written", () => {
    for (const argv of [["--out=~/runs"], ["--out", "~/runs"]]) expect(valuesOf(...argv).out).toBe(join(homedir(), "runs"));
    expect(valuesOf("--out=~", "--files", "~/a", "b~/c")).toMatchObject({ out: homedir(), files: [join(homedir(), "a"), "b~/c"] });
  });

  test("a flag whose word may be missing is true without it", () => {
    for (const [argv, value] of [
      [[], true],
      [["--gpu"], true],
      [["--gpu=true"], true],
      [["--gpu=false"], false],
      [["--gpu", "False"], false],
      [["--gpu", "--lr", "1"], true],
    ] as const)
      expect(valuesOf(...argv).gpu).toBe(value);
  });

  test("true and 1 are true, all else is false", () => {
    for (const [text, value] of Object.entries({ True: true, "1": true, false: false, no: false }))
      expect(valuesOf("--cuda", text).cuda).toBe(value);
  });

  test("behind -- nothing is a flag", () => {
    expect(said("--", "--lr").words).toEqual(["--lr"]);
  });

  test("a wrong flag names its neighbours", () => {
    expect(() => valuesOf("--batchsize=8")).toThrow(new InputError("--batchsize: no such flag", { fix: "did you mean --batch-size?" }));
    expect(() => valuesOf("--steqs")).toThrow("--steqs: no such flag. Did you mean --steps?");
    expect(() => valuesOf("--zzzzzzzz")).toThrow("--zzzzzzzz: no such flag. --help lists all flags.");
  });

  test("a value of another kind is refused", () => {
    expect(() => valuesOf("--batch-size", "2.5")).toThrow(new InputError("2.5 is not a whole number", { file: "--batch-size" }));
    expect(() => valuesOf("--net", "c")).toThrow("Allowed choices are a, b.");
  });
});

test("a file of constants is read before the flags", () => {
  const file = join(temporaryFolder(), "constants.json");
  writeFileSync(file, '{ "batch-size": 16, "more": { "steps": [1, 2], "lr": 0.25 } }');
  const values = (...argv: string[]) => parse({ ...program, config: true }, argv).values;
  expect(values("--lr", "3", "--config", file)).toMatchObject({ batchSize: 16, lr: 3, steps: [1, 2] });
  writeFileSync(file, "[]");
  expect(() => values("--config", file)).toThrow(`${file}: no constants. Write a line for each: IMG_SIZE: 320.`);
});

test("notes are of the flags that were given", () => {
  expect(notesOf({ rows }, said("--cuda", "1", "--lr", "2"))).toEqual(["--cuda is without effect: there is none"]);
  expect(notesOf({ rows }, said())).toEqual([]);
  expect(() => notesOf({ rows }, said("--paste"))).toThrow(new InputError("it cannot be", { file: "--paste" }));
});

test("help is made of the same rows", () => {
  expect(helpOf(rows.slice(0, 3) as never, ["x train"])).toBe(`
Flags, as the original has them; → is where our recipe has the value:
  -b, --batch-size <N>
      pictures a step; default 2 → data.batchSize
  --lr, --learning-rate <X>
      the rate; default 0.5 → optimizer.learningRate
  --steps <N...>
      where it falls; default 16 22

Examples:
  $ singleshot x train`);
});

const training: TrainingProgram<never> = {
  ...program,
  decide: () => ({ base: recipes.get("ssdlite320"), files: {}, folder: "out" }),
  observers: async () => [],
};

describe("a run in our own words", () => {
  test("is what differs from the recipe that ships", () => {
    const { recipe } = translate(training, ["--lr", "0.3", "-b", "24"]);
    expect(settingsOf(recipe)).toEqual(["data.batchSize=24", "optimizer.learningRate=0.3"]);
  });

  test("is left to the run's config.json where --set cannot say it", () => {
    const recipe = resolveRecipe(recipes.get("ssdlite320"));
    const { microBatchSize: _, ...rest } = recipe.training;
    expect(settingsOf({ ...recipe, training: rest })).toBeUndefined();
    expect(settingsOf({ ...recipe, name: "mine" })).toBeUndefined();
  });
});

test("a batch of one process is the recipe's of all of them, where the original means it so", () => {
  const batchSize = (batchPerProcess: boolean) => translate({ ...training, batchPerProcess }, ["-b", "4"], 8).recipe.data.batchSize;
  expect([batchSize(true), batchSize(false)]).toEqual([32, 4]);
});

test("numbers and times as Python prints them", () => {
  const floats = {
    "5.0": 5,
    "5.672993580500285": 5.672993580500285,
    "1e-05": 1e-5,
    "1.5e-07": 1.5e-7,
    "0.0001": 1e-4,
    nan: Number.NaN,
    inf: Number.POSITIVE_INFINITY,
    "1e+16": 1e16,
  };
  for (const [text, value] of Object.entries(floats)) expect(pythonFloat(value)).toBe(text);
  expect(timeStamp(new Date(2026, 0, 2, 3, 4, 5))).toBe("2026-01-02 03:04:05");
  const flags = { dataPath: "it's", lr: 0.01, epochs: 3, amp: true, steps: [16, 22], weights: undefined };
  expect(namespaceText(flags)).toBe("Namespace(data_path='it\\'s', lr=0.01, epochs=3, amp=True, steps=[16, 22], weights=None)");
  expect([clock(83_900), clock(3_723_000), clock(90_061_000)]).toEqual(["0:01:23", "1:02:03", "1 day, 1:01:01"]);
});
