// `singleshot eval` as a program: node examples/evaluate.mjs MODEL [DATA]
import { evaluate, loadModel } from "@singleshot/detection";
import { findDevice } from "@singleshot/torch";
import { summary } from "@singleshot/vision";
import { readDataset } from "@singleshot/vision/node";

const [model, root = "examples/bccd"] = process.argv.slice(2);
const { detector, recipe } = loadModel(model, { device: findDevice("auto") });
const pictures = await readDataset(root, { split: "test", classes: [...detector.classes] });
console.log(summary(await evaluate(detector, pictures, { protocol: recipe.evaluation.protocol })));
