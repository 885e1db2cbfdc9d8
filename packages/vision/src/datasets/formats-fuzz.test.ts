import { join } from "node:path";
import { fuzzCount, mutate } from "@singleshot/testing";
import { expect, test } from "vitest";
import { InputError } from "../errors.js";
import { randomOf } from "../random.js";
import type { FormatName } from "./format-names.js";
import { readDataset } from "./read.js";
import { expectUsable, jpeg, scratchFolder, writeFiles } from "./testing/index.js";

const scratch = scratchFolder();
const seed = Number(process.env.FUZZ_SEED ?? 1);

const names = ["a", "b", "c d"];
const json = JSON.stringify(
  {
    images: names.map((name, i) => ({ id: i + 1, file_name: `${name}.jpg`, width: 100, height: 80 })),
    annotations: [1, 2, 3, 4, 5].map((id) => ({
      id,
      image_id: 1 + (id % 3),
      category_id: 1 + (id % 2),
      bbox: [10 * id, 5, 20.5, 30],
      area: 615,
      iscrowd: 0,
    })),
    categories: ["cat", "dog"].map((name, i) => ({ id: i + 1, name })),
  },
  null,
  1,
);
const csv = `ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,ClassName
a,xclick,/m/1,1,0.1,0.5,0.25,0.75,0,1,0,cat
a,xclick,/m/2,1,0.2,0.4,0.5,1,1,0,1,"dog, small"
b,xclick,/m/1,1,0.1,0.5,0.25,0.75,0,1,0,cat
c d,xclick,/m/1,1,0.1,0.5,0.25,0.75,0,1,0,cat
`;
const yaml = "path: .\ntrain: images/train\nval: [images/val]\nnc: 2\nnames:\n  0: cat\n  1: dog\n";
const labels = "0 0.5 0.5 0.2 0.25\n1 0.25 0.5 0.125 0.5\n1 0.1 0.1 0.2 0.2 0.3 0.9\n";
const list = "a.jpg 10 20 30 40 1 5 5 50 60.5 2\nb.jpg 0 0 0 0 0\nc d.jpg 1 2 3 4 2\n";

interface Target {
  format: FormatName;
  /** the file that is damaged */
  file: string;
  content: string;
  /** how many in the share that runs at every change */
  trials: number;
  files?: Record<string, string>;
}

const TARGETS: readonly Target[] = [
  { format: "coco", file: "annotations/instances_train.json", content: json, trials: 2000 },
  { format: "openimages", file: "sub-train-annotations-bbox.csv", content: csv, trials: 2000 },
  { format: "list", file: "train.txt", content: list, trials: 900, files: { "labels.txt": "cat\ndog\n" } },
  { format: "yolo", file: "labels/train/a.txt", content: labels, trials: 900, files: { "data.yaml": yaml } },
  { format: "yolo", file: "data.yaml", content: yaml, trials: 500, files: { "labels/train/a.txt": labels } },
  { format: "yolo", file: "classes.txt", content: "cat\ndog\n", trials: 200, files: { "labels/train/a.txt": labels } },
];

test.each(TARGETS)(
  "damaged $format files ($file) are read or refused with one message",
  async ({ format, file, content, trials, files = {} }) => {
    const root = join(scratch, `${format} ${file.replaceAll("/", " ")}`);
    const folder = format === "coco" || format === "openimages" ? "train" : "images/train";
    const pictures = Object.fromEntries(names.map((name) => [`${format === "list" ? "images" : folder}/${name}.jpg`, jpeg]));
    writeFiles(root, { ...pictures, ...files, ...(format === "yolo" && { "images/val/e.jpg": jpeg }) });
    const bytes = new TextEncoder().encode(content);
    for (let trial = 0; trial < fuzzCount(trials); trial++) {
      writeFiles(root, { [file]: mutate(bytes, randomOf(seed, 4000, trial)) });
      const start = performance.now();
      const dataset = await readDataset(root, { format, ...(trial % 2 === 0 && { classes: ["cat", "dog"] }) }).catch((error) => error);
      expect(performance.now() - start, `trial ${trial}`).toBeLessThan(2000);
      if (dataset instanceof Error) {
        expect(dataset, `trial ${trial}: ${dataset.stack}`).toBeInstanceOf(InputError);
        expect(dataset.message.length, `trial ${trial}`).toBeLessThan(2000);
      } else expectUsable(dataset);
    }
  },
);
