import { join } from "node:path";
import { liveTensors, serialize } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { disposeAll } from "../../checkpoints/index.js";
import { createDetector } from "../../detectors/index.js";
import type { Recipe } from "../../recipes/index.js";
import { type TinyRuns, tinyRunRecipe, tinyRuns } from "../../testing/tiny-run.js";
import { goOnFrom } from "./index.js";
import { trainingState } from "./open-run.js";

const recipe = tinyRunRecipe({});
let runs: TinyRuns;
let own: string;
let theirs: string;

/** A checkpoint of ours, and the same as torchvision's script writes it. */
beforeAll(async () => {
  runs = await tinyRuns();
  await runs.train("one", { recipe });
  own = join(runs.folder, "one/checkpoints/last.pth");
  theirs = join(runs.folder, "model_0.pth");
  const saved = serialize.load(own) as Map<string, unknown>;
  const entries: [string, unknown][] = [
    ["model", saved.get("model")],
    ["optimizer", saved.get("optimizer")],
    ["lr_scheduler", new Map()],
    ["epoch", 0],
  ];
  serialize.save(theirs, new Map(entries) as never);
  disposeAll(saved);
});
afterAll(() => runs.remove());

/** Goes on from a file with a recipe and classes. @returns the progress, or the message of what was refused */
async function goneOn(path: string, { over = recipe, classes = ["bolt", "nut"] }: { over?: Recipe; classes?: string[] } = {}) {
  const state = await trainingState(createDetector(over.detector, classes), over);
  const before = liveTensors();
  try {
    return goOnFrom(path, state, [3, 3]);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect(liveTensors()).toBe(before);
    return (error as Error).message;
  } finally {
    state.optimizer.dispose();
    state.model.dispose();
  }
}

describe("a checkpoint is gone on with", () => {
  test("of ours: where it stood", async () => {
    expect(await goneOn(own)).toMatchObject({ epoch: 1, step: 0, globalStep: 1, recordedBytes: 0 });
  });

  test("of torchvision: behind its epoch", async () => {
    expect(await goneOn(theirs)).toMatchObject({ epoch: 1, step: 0, globalStep: 3 });
  });
});

describe("a checkpoint is refused, and nothing of it stays", () => {
  const one = { optimizer: { normWeightDecay: undefined, biasWeightDecay: undefined } };

  test.each(["ours", "torchvision's"])("where %s has another optimizer", async (whose) => {
    const path = whose === "ours" ? own : theirs;
    expect(await goneOn(path, { over: { ...recipe, optimizer: { ...recipe.optimizer, ...one.optimizer } } })).toMatch(
      /(last|model_0)\.pth: the optimizer's state is for groups of \d+ and \d+ and \d+ parameters, not \d+\. The recipe's optimizer, freezing and weight decays must be those of the file\.$/,
    );
  });

  test("where it names other classes, or these in another order", async () => {
    const fix = "For its weights alone, class by class: --weights instead of --resume.";
    expect(await goneOn(own, { classes: ["nut", "bolt"] })).toBe(`${own}: it was trained for bolt, nut, and there are nut, bolt. ${fix}`);
    const many = Array.from({ length: 7 }, (_, i) => `part ${i}`);
    expect(await goneOn(own, { classes: many })).toBe(
      `${own}: it was trained for bolt, nut, and there are part 0, part 1, part 2, part 3, part 4 and 2 more. ${fix}`,
    );
  });

  test("where it names none and is for another number", async () => {
    expect(await goneOn(theirs, { classes: ["bolt"] })).toBe(
      `${theirs}: its weights are for 2 classes, and there is 1. Name the classes that it was trained for; a training for others starts from it with --weights.`,
    );
  });

  test("where it does not say where it stood", async () => {
    const path = join(runs.folder, "bare.pth");
    serialize.save(path, new Map());
    expect(await goneOn(path)).toBe(
      `${path}: the file does not say where its training stood. For its weights alone: --weights instead of --resume.`,
    );
  });
});
