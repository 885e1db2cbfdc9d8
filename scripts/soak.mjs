// Trains a tiny detector for long, with an evaluation now and then, and shows that memory stays flat: what the process holds, and how
// many tensors libtorch has.
//   npm run soak                                 20,000 steps, 1,000 evaluations
//   npm run soak -- --steps 2000 --evaluations 100
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { tinyRecipe, writeTinyData } from "../packages/cli/dist/testing/tiny.js";
import { resolveRecipe, train } from "../packages/detection/dist/index.js";
import { liveTensors } from "../packages/torch/dist/index.js";
import { readDataset } from "../packages/vision/dist/node.js";

const { values } = parseArgs({
  options: { steps: { type: "string", default: "20000" }, evaluations: { type: "string", default: "1000" } },
});
const [steps, evaluations] = [Number(values.steps), Number(values.evaluations)];
const BATCH = 4;
const WARM_UP = 0.1; // share of the steps until every buffer has been needed once
const LIMIT = 512; // bytes a step

const root = mkdtempSync(join(tmpdir(), "singleshot-soak-"));
await writeTinyData(join(root, "photos"));
const data = { train: await readDataset(join(root, "photos"), { split: "train" }), root };
data.evaluation = await readDataset(join(root, "photos"), { split: "test", classes: data.train.classes });
const stepsPerEpoch = Math.ceil(steps / evaluations); // an evaluation behind each
const few = data.train.entries;
data.train = { ...data.train, entries: Array.from({ length: BATCH * stepsPerEpoch }, (_, i) => few[i % few.length]) };
const recipe = resolveRecipe({
  ...tinyRecipe,
  data: { ...tinyRecipe.data, batchSize: BATCH, cacheMegabytes: 16 },
  schedule: { name: "constant", epochs: evaluations },
  evaluation: { everyEpochs: 1, loss: true },
});

const samples = [];
let evaluated = 0;
const every = Math.ceil(steps / 200);
const observer = {
  stepped({ step }) {
    if (step % every !== 0) return;
    globalThis.gc?.();
    samples.push({ step, rss: process.memoryUsage().rss, tensors: liveTensors() });
    if (samples.length % 20 === 0) console.log(line(samples.at(-1)));
  },
  evaluated: () => void evaluated++,
};
const line = ({ step, rss, tensors }) => `step ${step}: ${(rss / 2 ** 20).toFixed(1)} MB, ${tensors} tensors, ${evaluated} evaluations`;
await train({ recipe, data, out: join(root, "run"), threads: 1, observers: [observer] });
rmSync(root, { recursive: true, force: true });

/** Bytes a step, by least squares. */
function slope(points) {
  const mean = (key) => points.reduce((sum, point) => sum + point[key], 0) / points.length;
  const [x, y] = [mean("step"), mean("rss")];
  const products = points.map(({ step, rss }) => [(step - x) * (rss - y), (step - x) ** 2]);
  return products.reduce((sum, [product]) => sum + product, 0) / products.reduce((sum, [, square]) => sum + square, 0);
}
const warm = samples.filter(({ step }) => step > WARM_UP * steps);
const growth = slope(warm);
const counts = new Set(warm.map(({ tensors }) => tensors));
const total = (growth * (1 - WARM_UP) * steps) / 2 ** 20;
console.log(
  `after ${steps} steps and ${evaluated} evaluations: ${growth.toFixed(1)} bytes a step (${total.toFixed(1)} MB in all), ${[...counts].join(" or ")} tensors`,
);
if (growth > LIMIT || counts.size > 1) process.exitCode = 1;
