/** Prints a digest of each batch of two epochs: `node stream-digest.js '{"entries": …}'`. */
import { createHash } from "node:crypto";
import { type DatasetEntry, DIFFICULT } from "@singleshot/vision";
import { Loader, type LoaderOptions } from "../index.js";

/** What is said of a stream in plain text. */
export interface StreamJob extends Omit<LoaderOptions, "entries" | "pictures"> {
  pictures: { file: string; width: number; height: number; boxes: number[] }[];
  /** batches of the first epoch that were seen before */
  from?: number;
}

const { pictures, from = 0, ...options } = JSON.parse(process.argv[2]!) as StreamJob;
const entries = pictures.map(({ file, width, height, boxes }, i): DatasetEntry => {
  const count = boxes.length / 4;
  const marks = { boxes: Float32Array.from(boxes), labels: new Int32Array(count).fill(1), flags: new Uint8Array(count).fill(DIFFICULT) };
  return { id: `${i}`, imageFile: file, source: "", width, height, ...marks };
});
const loader = new Loader({ entries, ...options });
for (const epoch of [0, 1]) {
  for await (using batch of loader.epoch(epoch, { from: epoch === 0 ? from : 0 })) {
    const { images, boxes, labels, counts } = batch;
    const arrays = [images.toTypedArray(), boxes.toTypedArray(), labels.toTypedArray(), counts.toTypedArray()];
    const hash = createHash("sha256").update(batch.entries.map(({ id }) => id).join());
    for (const array of arrays) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    console.log(hash.digest("hex"));
  }
}
await loader.close();
