import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { expect, test } from "vitest";
import { withPostprocess } from "./postprocess.js";

const recipe = resolveRecipe(recipes.get("ssdlite320")!);

test("a flag changes its own setting and leaves the others", () => {
  const { postprocess } = recipe.detector;
  expect(withPostprocess(recipe, {})).toEqual(recipe);
  expect(withPostprocess(recipe, { nms: "soft", topK: 7 }).detector.postprocess).toEqual({
    ...postprocess,
    nms: { ...postprocess.nms, method: "soft" },
    maxDetections: 7,
  });
  expect(withPostprocess(recipe, { score: 0, iou: 0.3, classAgnostic: true }).detector.postprocess).toEqual({
    ...postprocess,
    scoreThreshold: 0,
    nms: { ...postprocess.nms, iouThreshold: 0.3, classAgnostic: true },
  });
});

test("what trains the network stays as it is", () => {
  const { postprocess: _, ...changed } = withPostprocess(recipe, { score: 0.9 }).detector;
  const { postprocess: __, ...before } = recipe.detector;
  expect(changed).toEqual(before);
});
