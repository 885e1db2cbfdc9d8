/** Times prediction by the exported model, from files to detections. Prints one JSON line. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { calibrated, compareScores, LEAST_OPSET_OF_INT8, loadModel, onnxModel, openOnnx, writeOnnx } from "@singleshot/detection";
import { decodePicture, readDataset } from "@singleshot/vision/node";

const { model, files, batch, threads, warmup, folder, precision, data } = JSON.parse(process.argv[2]);
const CALIBRATED_ON = 32; // photographs
const exported = join(folder, `${precision}.onnx`);
const loaded = loadModel(model);
writeOnnx(exported, await (precision === "int8" ? inEightBits() : onnxModel(loaded)));
const runtime = await openOnnx(exported, { threads });
await detections(files.slice(0, warmup));
const start = performance.now();
const before = process.cpuUsage();
const found = await detections(files);
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(before);
const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json");
const scores =
  data && (await compareScores(runtime, loaded, await readDataset([data], { split: "test", classes: loaded.detector.classes })));
console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6, version: `onnxruntime ${version}`, seconds, detections: found, scores }));

async function inEightBits() {
  const pictures = await decoded(files.slice(0, CALIBRATED_ON));
  return calibrated(onnxModel(loaded, { opset: LEAST_OPSET_OF_INT8 }), pictures);
}

/** Their number; while a batch is computed, the next is decoded, as `predict` does it. */
async function detections(names) {
  let count = 0;
  let coming = decoded(names.slice(0, batch));
  for (let at = batch; at < names.length + batch; at += batch) {
    const pictures = await coming;
    coming = decoded(names.slice(at, at + batch));
    for (const { scores } of await runtime.detect(pictures)) count += scores.length;
  }
  return count;
}

function decoded(names) {
  return Promise.all(names.map((name) => decodePicture(name)));
}
