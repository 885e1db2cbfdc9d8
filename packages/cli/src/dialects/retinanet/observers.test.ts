import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { ops, serialize, type Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../testing/index.js";
import { pets, play } from "../testing/index.js";
import { observers } from "./observers.js";
import { joinWeights, writeBoth } from "./weights.js";

const folder = temporaryFolder();
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

test("a file that is missing is named", () => {
  writeFileSync(join(folder, "x"), "");
  const fix = "name its folder with --folder, or train with --load false";
  expect(() => joinWeights(join(folder, "empty"), "net.pkl")).toThrow(
    new InputError("no such file", { file: join(folder, "empty", "net_e.pkl"), fix }),
  );
});
