// `singleshot data convert` as a program: node examples/convert.mjs DATA voc|coco|openimages|yolo|list|folder OUT
import { collectDataset, lostIn, writeDataset } from "@singleshot/vision/node";

const [root, format, out] = process.argv.slice(2);
const { written } = await collectDataset(root);
for (const sentence of lostIn(written, format)) console.log(sentence);
await writeDataset(out, written, format);
console.log(`${written.splits.map(({ name, images }) => `${name ?? "all"}: ${images.length} pictures`).join(", ")}, written to ${out}`);
