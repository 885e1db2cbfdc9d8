import { readFileSync } from "node:fs";
import { type AugmentationStep, augmentationPresets } from "@singleshot/vision";
import { describe, expect, expectTypeOf, test } from "vitest";
import { augmentationSchema } from "./augmentation-schema.js";
import { merge, pretrainingRecipes, type RecipeInput, recipes, resolvePretrainingRecipe, resolveRecipe } from "./index.js";

const problem = (augmentation: unknown) => {
  try {
    resolveRecipe(merge(recipes.get("ssdlite320"), { data: { augmentation } }));
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
};
const wrong = (text: string) => `the recipe is wrong: ✖ ${text}. \`singleshot recipes NAME\` prints a complete one.`;

const STEPS =
  "photometric, float-photometric, hsv-jitter, zoom-out, scale-jitter, scale-and-place, affine, iou-crop, sample-crop, constrained-crop, area-crop, center-crop, large-scale-jitter, short-side, interpolation, flip, flip-vertical, rotate, small-boxes";

describe("of a recipe's augmentation", () => {
  test.each([
    ["a step that is misspelt", [{ step: "flp" }], "no such step: flp (did you mean flip?) → at data.augmentation[0].step"],
    ["a step that is like none", [{ step: "blur" }], `no such step: blur (there are ${STEPS}) → at data.augmentation[0].step`],
    ["what every object has", [{ step: "constructor" }], `no such step: constructor (there are ${STEPS}) → at data.augmentation[0].step`],
    ["no step", [{ p: 1 }], `step is missing (there are ${STEPS}) → at data.augmentation[0].step`],
    ["an option that the step has not", [{ step: "flip", prob: 1 }], "no such key: prob (there are step, p) → at data.augmentation[0]"],
    [
      "an option that is misspelt",
      [{ step: "flip" }, { step: "iou-crop", minIou: [0] }],
      "no such key: minIou (did you mean minIous?) → at data.augmentation[1]",
    ],
    ["a value out of range", [{ step: "flip", p: 2 }], "Too big: expected number to be <=1 → at data.augmentation[0].p"],
    ["a range the wrong way round", [{ step: "zoom-out", range: [3, 1] }], "the lower bound comes first → at data.augmentation[0].range"],
    [
      "a word for another",
      [{ step: "interpolation", kinds: ["linear"] }],
      "it cannot be linear (did you mean bilinear?) → at data.augmentation[0].kinds[0]",
    ],
    ["a preset that is misspelt", "sdd", "it cannot be sdd (did you mean ssd?) → at data.augmentation"],
    [
      "copy-paste",
      [{ step: "copy-paste" }],
      "copy-paste needs the objects' masks, and data sets here have boxes: leave it out → at data.augmentation[0].step",
    ],
  ])("%s is named, with the right one where it is near", (_, augmentation, message) => {
    expect(problem(augmentation)).toBe(wrong(message));
  });

  test("the steps of every preset are allowed", () => {
    for (const [name, steps] of Object.entries(augmentationPresets)) expect(augmentationSchema.parse(steps), name).toEqual(steps);
  });

  test("what every shipped recipe has, as it is and as its original is, is allowed", () => {
    for (const recipe of recipes.values()) for (const reference of [false, true]) resolveRecipe(recipe, { reference });
    for (const recipe of pretrainingRecipes.values()) resolvePretrainingRecipe(recipe);
  });

  test("the compiler allows what the schema allows", () => {
    type Checked = Required<Exclude<RecipeInput["data"]["augmentation"], string>[number]>;
    expectTypeOf<Checked>().toExtend<Required<AugmentationStep>>();
    expectTypeOf<Required<AugmentationStep>>().toExtend<Checked>();
  });

  test("every step and every option has its place in the guide", () => {
    const guide = readFileSync(new URL("../../../../docs/augmentation.md", import.meta.url), "utf8");
    const { anyOf } = augmentationSchema.toJSONSchema({ io: "input" }) as unknown as { anyOf: { items: { oneOf: StepSchema[] } }[] };
    const rowOf = (step: string) => guide.split("\n").find((line) => line.split("|")[1]?.includes(`\`${step}\``)) ?? "";
    const missing = anyOf[1]!.items.oneOf.flatMap(({ properties: { step, ...options } }) => {
      const row = rowOf(step.const);
      return Object.keys(options).flatMap((option) => (row.includes(`\`${option}\``) ? [] : [`${step.const}: ${option}`]));
    });
    expect(missing).toEqual([]);
  });
});

interface StepSchema {
  properties: { step: { const: string } } & Record<string, unknown>;
}
