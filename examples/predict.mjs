// `singleshot predict` as a program: node examples/predict.mjs MODEL PICTURE...
import { loadModel, predict } from "@singleshot/detection";
import { findDevice } from "@singleshot/torch";

const [model, ...pictures] = process.argv.slice(2);
const { detector } = loadModel(model, { device: findDevice("auto") });
for await (const { file, detections } of predict(detector, pictures, { scoreThreshold: 0.5 })) {
  const { boxes, labels, scores } = detections;
  console.log(file);
  labels.forEach((label, k) => {
    const box = [...boxes.subarray(4 * k, 4 * k + 4)].map(Math.round);
    console.log(`  ${detector.classes[label - 1]} ${scores[k].toFixed(2)} at [${box.join(", ")}]`);
  });
}
