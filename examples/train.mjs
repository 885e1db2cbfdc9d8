// `singleshot train` as a program: node examples/train.mjs [DATA] [RUN] [RECIPE.json]
import { readFileSync } from "node:fs";
import { recipes, resolveRecipe, train } from "@singleshot/detection";
import { findDevice } from "@singleshot/torch";
import { readDataset } from "@singleshot/vision/node";

const [root = "examples/bccd", out = "runs/example", file] = process.argv.slice(2);
const recipe = resolveRecipe(file ? JSON.parse(readFileSync(file, "utf8")) : recipes.get("quickstart"));
const pictures = await readDataset(root, { split: "train" });
const evaluation = await readDataset(root, { split: "test", classes: pictures.classes });
const printer = {
  stepped: ({ step, steps, loss }) => step % 10 === 0 && console.log(`step ${step} of ${steps}: loss ${loss.toFixed(3)}`),
  evaluated: ({ epoch, evaluation }) => console.log(`epoch ${epoch}: mAP ${evaluation.map?.toFixed(3)}`),
};
await train({ recipe, data: { train: pictures, evaluation, root }, out, device: findDevice("auto"), observers: [printer] });
