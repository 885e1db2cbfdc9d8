import { join } from "node:path";
import { recipes } from "@singleshot/detection/recipes";
import { serialize } from "@singleshot/torch";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../testing/index.js";
import { pets, play } from "../testing/index.js";
import { observers } from "./observers.js";

test("the lines are the notebook's, and best.pt has the lowest validation loss", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "best.pt");
  const lines: string[] = [];
  const recipe = { ...recipes.get("sparrow-ssdlite")!, schedule: { name: "cosine", epochs: 2 } as const };
  const observed = { flags: {}, folder, recipe, train: pets, evaluation: pets, say: (line: string) => lines.push(line) };
  await play(observers(observed as never), recipe);
  expect(lines).toEqual([
    "[Epoch 001] train: {'loss': 8.0, 'cls': 5.0, 'reg': 3.0}  time=3.0s  lr=1.500e-03",
    "[Epoch 001] valid: {'loss': 2.5, 'cls': 1.25, 'reg': 1.25}  mAP=0.3750",
    `  ✓ saved best to ${path}`,
    "[Epoch 002] train: {'loss': 5.0, 'cls': 3.5, 'reg': 1.5}  time=3.0s  lr=0.000e+00",
    "[Epoch 002] valid: {'loss': 1.25, 'cls': 0.625, 'reg': 0.625}  mAP=0.3750",
    `  ✓ saved best to ${path}`,
  ]);
  const saved = serialize.load(path) as Map<string, unknown>;
  expect([[...saved.keys()], saved.get("epoch"), saved.get("best_score")]).toEqual([["model_state", "epoch", "best_score"], 2, 1.25]);
  expect(JSON.parse(serialize.loadMetadata(path).get("classes")!)).toEqual(["cat", "dog"]);
});
