/** Times our loader. Reads a job from standard input, prints one JSON line. */
import { readFileSync } from "node:fs";
import { Loader } from "@singleshot/detection";
import { augmentationPresets } from "@singleshot/vision";

const { pictures, augmentation, workers, batch, epochs } = JSON.parse(readFileSync(0, "utf8"));
const entries = pictures.map(({ file, width, height, boxes, labels }) => ({
  ...{ id: file, imageFile: file, source: file, width, height },
  ...{ boxes: Float32Array.from(boxes), labels: Int32Array.from(labels), flags: new Uint8Array(labels.length) },
}));
const loader = new Loader({
  entries,
  augmentation: augmentationPresets[augmentation],
  input: { resize: "stretch", width: 300, height: 300 },
  batchSize: batch,
  workers,
  shuffle: true,
  shrinkOnLoad: true,
  cacheBytes: 0,
});
let peakBytes = 0;
const epoch = async (number) => {
  for await (const one of loader.epoch(number)) {
    one[Symbol.dispose]();
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  }
};
await epoch(0);
const start = performance.now();
const before = process.cpuUsage();
for (let number = 1; number <= epochs; number++) await epoch(number);
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakBytes }));
await loader.close();
