// `singleshot train` as a program: node examples/train.mjs [DATA] [RUN]
import { recipes, resolveRecipe, train } from "@singleshot/detection";
import { readVoc } from "@singleshot/vision/node";

const [root = "examples/bccd", out = "runs/example"] = process.argv.slice(2);
const { data, optimizer, ...published } = recipes.get("ssdlite320");
const recipe = resolveRecipe({
  ...published,
  data: { ...data, batchSize: 16 }, // the published 192 is for 8 processes
  optimizer: { ...optimizer, learningRate: 0.0125 }, // a twelfth, as the batch is
  schedule: { name: "cosine", epochs: 40, warmupSteps: 30 },
});
const [pictures, evaluation] = await Promise.all(["train", "test"].map((split) => readVoc(root, { split })));
const printer = {
  stepped: ({ step, steps, loss }) => step % 10 === 0 && console.log(`step ${step} of ${steps}: loss ${loss.toFixed(3)}`),
  evaluated: ({ epoch, evaluation }) => console.log(`epoch ${epoch}: mAP ${evaluation.map.toFixed(3)}`),
};
await train({ recipe, data: { train: pictures, evaluation, root }, out, observers: [printer] });
