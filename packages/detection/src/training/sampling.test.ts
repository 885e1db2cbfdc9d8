import { CROWD, type DatasetEntry } from "@singleshot/vision";
import { describe, expect, test } from "vitest";
import { type RecipeInput, recipes, resolveRecipe } from "../recipes/index.js";
import { samplingOf } from "./sampling.js";

const [COMMON, RARE] = [1, 2];

function dataset(labels: number[][], flags = labels.map((own) => own.map(() => 0))) {
  const entries = labels.map(
    (own, i): DatasetEntry => ({
      id: `${i}`,
      imageFile: `${i}.png`,
      source: `${i}.xml`,
      width: 100,
      height: i % 2 ? 60 : 150,
      boxes: new Float32Array(4 * own.length),
      labels: Int32Array.from(own),
      flags: Uint8Array.from(flags[i]!),
    }),
  );
  return { name: "photos", classes: ["common", "rare", "absent"], entries };
}

const recipeWith = (data: Partial<RecipeInput["data"]>) => {
  const base = recipes.get("ssdlite320-small")!;
  return resolveRecipe({ ...base, data: { ...base.data, ...data } });
};
const labels = [[COMMON], [COMMON, COMMON], [COMMON, RARE], [COMMON], [], [COMMON], [RARE], [COMMON]];

function sampled(data: Partial<RecipeInput["data"]>, pictures = dataset(labels)) {
  const warnings: string[] = [];
  return { sampling: samplingOf(recipeWith(data).data, pictures, 3, (message) => warnings.push(message)), warnings };
}

describe("of a recipe", () => {
  test("without options all pictures are shown once", () => {
    expect(sampled({})).toEqual({ sampling: { last: "drop" }, warnings: [] });
  });

  test("aspectGroups parts the pictures by height / width, as torchvision does", () => {
    expect(Array.from(sampled({ aspectGroups: 3 }).sampling.groups!)).toEqual([5, 1, 5, 1, 5, 1, 5, 1]);
    expect(Array.from(sampled({ aspectGroups: 0 }).sampling.groups!)).toEqual([1, 0, 1, 0, 1, 0, 1, 0]);
  });

  test("balance takes as many pictures of each class as the rarest has, and names what no picture shows", () => {
    const { sampling, warnings } = sampled({ balance: true });
    const chosen = sampling.pictures as number[];
    const showing = (label: number) => chosen.filter((i) => labels[i]!.includes(label)).length;
    expect(showing(RARE)).toBe(2);
    expect(showing(COMMON)).toBeGreaterThanOrEqual(2);
    expect(chosen.length).toBeLessThanOrEqual(4);
    expect(warnings).toEqual(["no picture shows 'absent'; the others are balanced without"]);
  });

  test("balance needs objects", () => {
    expect(() => sampled({ balance: true }, dataset([[], []]))).toThrow(
      "photos: no picture shows an object: there are no classes to balance. Set data.balance to false.",
    );
  });

  test("repeatThreshold shows rare classes more often: √(threshold / share)", () => {
    expect(Array.from(sampled({ repeatThreshold: 1 }).sampling.repeats!)[6]).toBe(2); // in a quarter of the pictures
    expect(Array.from(sampled({ repeatThreshold: 0.2 }).sampling.repeats!)).toEqual(labels.map(() => 1));
  });

  test("a crowd teaches nothing, and counts for no class", () => {
    const crowd = dataset([[COMMON], [RARE], [COMMON, RARE]], [[0], [CROWD], [0, 0]]);
    expect(sampled({ balance: true }, crowd).sampling.pictures).toContain(2);
    expect(Array.from(sampled({ repeatThreshold: 1 }, crowd).sampling.repeats!)).toEqual([Math.sqrt(1.5), 1, Math.sqrt(3)]);
  });
});

describe("what does not go together is refused at the recipe:", () => {
  test.each([
    [
      { lastBatch: "roll-over" as const, aspectGroups: 3 },
      "what is left of several groups cannot roll over into one batch: keep or drop it, or set aspectGroups to false → at data.aspectGroups",
    ],
    [
      { balance: true, repeatThreshold: 0.001 },
      "of balanced classes none is rare: set balance or repeatThreshold to false → at data.repeatThreshold",
    ],
  ])("%j", (data, message) => {
    expect(() => recipeWith(data)).toThrow(`the recipe is wrong: ✖ ${message}. \`singleshot recipes NAME\` prints a complete one.`);
  });
});
