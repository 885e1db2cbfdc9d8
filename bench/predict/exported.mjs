/** Times prediction by the exported model, from files to detections. Prints one JSON line. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { loadModel, onnxModel, openOnnx, writeOnnx } from "@singleshot/detection";
import { decodePicture } from "@singleshot/vision/node";

const { model, files, batch, threads, warmup } = JSON.parse(process.argv[2]);
const exported = join(dirname(model), "model.onnx");
writeOnnx(exported, onnxModel(loadModel(model)));
const runtime = await openOnnx(exported, { threads });
await detections(files.slice(0, warmup));
const start = performance.now();
const before = process.cpuUsage();
const found = await detections(files);
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(before);
const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json");
console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6, version: `onnxruntime ${version}`, seconds, detections: found }));

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
