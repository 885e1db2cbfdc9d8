/** Times our prediction, from files to detections. Prints one JSON line. */
import { loadModel, predict } from "@singleshot/detection";
import { libtorchVersion, setThreads } from "@singleshot/torch";

const { model, files, batch, threads, warmup } = JSON.parse(process.argv[2]);
setThreads(threads);
const { detector } = loadModel(model);
for await (const _ of predict(detector, files.slice(0, warmup), { batchSize: batch }));
const start = performance.now();
const before = process.cpuUsage();
let detections = 0;
for await (const { detections: found } of predict(detector, files, { batchSize: batch })) detections += found.scores.length;
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ cpuSeconds: (user + system) / 1e6, version: libtorchVersion(), seconds, detections }));
