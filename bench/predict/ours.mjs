/** Times our prediction, from files to detections. Prints one JSON line. */
import { loadModel, predict } from "@singleshot/detection";
import { libtorchVersion, setThreads } from "@singleshot/torch";

const { model, files, batch, threads, warmup } = JSON.parse(process.argv[2]);
setThreads(threads);
const { detector } = loadModel(model);
for await (const _ of predict(detector, files.slice(0, warmup), { batchSize: batch }));
const start = performance.now();
let detections = 0;
for await (const { detections: found } of predict(detector, files, { batchSize: batch })) detections += found.scores.length;
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ version: libtorchVersion(), seconds, detections }));
