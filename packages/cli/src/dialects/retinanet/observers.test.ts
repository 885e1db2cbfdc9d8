import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { historyArrays } from "@singleshot/detection";
import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { ops, serialize, type Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../testing/index.js";
import { pets, play } from "../testing/index.js";
import { observers } from "./observers.js";
import { pretrainObservers } from "./pretrain-observers.js";
import { joinWeights, writeBoth } from "./weights.js";

const folder = temporaryFolder();

const HEADER = 128; // bytes before the numbers

/** Float64 in one dimension, as numpy saves a list. */
function npyOf(values: readonly number[]): Buffer {
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${values.length},), }`.padEnd(HEADER - 11);
  return Buffer.concat([Buffer.from(`\x93NUMPY\x01\x00v\x00${header}\n`, "latin1"), Buffer.from(Float64Array.from(values).buffer)]);
}

const valuesOf = (bytes: Buffer) => [...new Float64Array(Uint8Array.from(bytes.subarray(HEADER)).buffer)];
const recipe = recipes.get("retinanet-scratch")!;

test("a line for every step, as the tutorial's", async () => {
  const lines: string[] = [];
  const observed = { flags: { save: false }, folder, recipe, train: pets, evaluation: undefined, say: (line: string) => lines.push(line) };
  await play(observers(observed as never), recipe);
  expect(lines).toEqual([
    "epc:0,step:0,loss:9.000000",
    "epc:0,step:1,loss:8.000000",
    "epc:0,step:2,loss:7.000000",
    "epc:1,step:0,loss:6.000000",
    "epc:1,step:1,loss:5.000000",
    "epc:1,step:2,loss:4.000000",
  ]);
});

test("net_e.pkl has the extractor and net_d.pkl the detector, and joined they are one again", () => {
  const keys = [
    "conv_input.weight",
    "resblock4_3.conv_3.weight",
    "fc.bias",
    "conv_out6.weight",
    "prj_5.bias",
    "conv_3.bias",
    "conv_cls.0.weight",
    "conv_reg.6.bias",
  ];
  const weights = new Map(keys.map((key) => [key, ops.zeros([1])]));
  const run = { model: { stateDict: () => weights }, recipe: resolveRecipe(recipe), classes: ["cat"] };
  writeBoth(folder, run as never);
  const keysIn = (name: string) => [...(serialize.load(join(folder, name)) as Map<string, Tensor>).keys()];
  expect([keysIn("net_e.pkl"), keysIn("net_d.pkl")]).toEqual([keys.slice(0, 3), keys.slice(3)]);
  joinWeights(folder, join(folder, "net.pkl"));
  expect(keysIn("net.pkl")).toEqual(keys);
  expect(serialize.loadMetadata(join(folder, "net.pkl")).get("classes")).toBe('["cat"]');
});

describe("--load goes on with", () => {
  const lines = [
    { step: 1, loss: 3, accuracy: 0.25 },
    { step: 1, probe: 0.5 },
  ];

  /** What the arrays hold after a run of one step beside arrays that hold a number each. */
  function after(observed: (folder: string) => readonly object[], names: readonly string[]): number[][] {
    const place = mkdtempSync(join(folder, "load-"));
    for (const name of names) writeFileSync(join(place, name), npyOf([9]));
    writeFileSync(join(place, "metrics.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const arrays = observed(place).at(-1) as ReturnType<typeof historyArrays>;
    arrays.started({ root: place });
    arrays.ended();
    return names.map((name) => valuesOf(readFileSync(join(place, name))));
  }

  test.each([
    [true, [[9, 3]]],
    [false, [[3]]],
  ])("log.npy: %s", (load, expected) => {
    expect(after((folder) => observers({ flags: { save: true, load }, folder } as never), ["log.npy"])).toEqual(expected);
  });

  test.each([
    [
      true,
      [
        [9, 0.25],
        [9, 0.5],
      ],
    ],
    [false, [[0.25], [0.5]]],
  ])("the accuracies of pretraining: %s", (load, expected) => {
    const observed = (folder: string) => pretrainObservers({ load, save: true, stepEval: 1, folder } as never, () => {});
    expect(after(observed, ["log_train_acc.npy", "log_eval_acc.npy"])).toEqual(expected);
  });
});

test("a file that is missing is named", () => {
  writeFileSync(join(folder, "x"), "");
  const fix = "name its folder with --folder, or train with --load false";
  expect(() => joinWeights(join(folder, "empty"), "net.pkl")).toThrow(
    new InputError("no such file", { file: join(folder, "empty", "net_e.pkl"), fix }),
  );
});
