/** Every network on real photographs for a few dozen steps, from random weights, whole and with its backbone frozen: the loss must fall. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { numberOption } from "../options.mjs";

const PHOTOGRAPHS = fileURLToPath(new URL("../../examples/bccd", import.meta.url));

export async function run(args) {
  const { merge, recipes, resolveRecipe, startingFrom } = await import("@singleshot/detection");
  const { readVoc } = await import("@singleshot/vision/node");
  const option = (name, value) => numberOption(args, name, value);
  const steps = option("steps", 36);
  const batchSize = option("batch", 4);
  const data = await readVoc(PHOTOGRAPHS, { split: "train" });
  const chosen = args.includes("--net") ? [args[args.indexOf("--net") + 1]] : [...distinct(recipes, resolveRecipe)];
  const table = [];
  for (const name of chosen) {
    for (const freeze of [undefined, "backbone"]) {
      const recipe = resolveRecipe(merge(settings(startingFrom({}, resolveRecipe(recipes.get(name)))), shortRun(batchSize, freeze, args)));
      const losses = await lossesOf(recipe, { ...data, entries: data.entries.slice(0, steps * batchSize) });
      const share = Math.max(1, Math.floor(losses.length / 4));
      const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
      const [first, last] = [mean(losses.slice(0, share)), mean(losses.slice(-share))];
      const row = { recipe: name, backbone: freeze ? "frozen" : "trained", steps: losses.length, first, last, falls: last < first };
      table.push({ ...row, first: first.toFixed(3), last: last.toFixed(3) });
      console.error(JSON.stringify(table.at(-1)));
    }
  }
  console.table(table);
}

/** For each network the first recipe of its authors. */
function distinct(recipes, resolveRecipe) {
  const published = [...recipes].filter(([, { facts }]) => facts).map(([name]) => name);
  const names = new Map(published.toReversed().map((name) => [resolveRecipe(recipes.get(name)).detector.network.name, name]));
  return [...names.values()].toReversed();
}

/** A recipe's detector, on pictures no larger than a step of seconds allows, with settings under which any network begins to learn. */
function settings(recipe) {
  const { input } = recipe.detector;
  const small = input.resize === "sides" ? { ...input, shortSides: [320], longSide: 533 } : input;
  const { classWeights: _, ...classification } = recipe.detector.loss.classification;
  const { reference: __, facts: ___, ...rest } = recipe;
  return { ...rest, detector: { ...recipe.detector, input: small, loss: { ...recipe.detector.loss, classification } } };
}

const shortRun = (batchSize, freeze, args) => ({
  data: { batchSize, augmentation: "hflip", workers: 1 },
  optimizer: { name: "adamw", learningRate: 3e-4, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01 },
  schedule: { name: "constant", epochs: 1, warmupSteps: 8, warmupFactor: 0.1, warmupInFirstEpoch: false },
  training: { freeze, microBatchSize: undefined, clipGradNorm: 10, precision: args.includes("--bf16") ? "bfloat16" : "float32" },
});

async function lossesOf(recipe, train) {
  const { train: run } = await import("@singleshot/detection");
  const out = mkdtempSync(join(tmpdir(), "singleshot-"));
  const losses = [];
  try {
    await run({ recipe, data: { train, root: PHOTOGRAPHS }, out, observers: [{ stepped: ({ loss }) => losses.push(loss) }] });
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
  return losses;
}
