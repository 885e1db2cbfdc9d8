import { join } from "node:path";
import { InputError } from "@singleshot/base";
import { type FuzzTarget, mutate } from "@singleshot/testing";
import type { FormatName } from "../format-names.js";
import { readDataset } from "../read.js";
import { expectUsable } from "./expect.js";
import { type Files, jpeg, writeFiles } from "./files.js";

const names = ["a", "b", "c d"];
const object = (i: number) => `<object>
    <name>${i % 2 ? "cat" : "dog"}</name><pose>Left</pose><difficult>${i % 3 ? 0 : 1}</difficult>
    <bndbox><xmin>${10 + i}</xmin><ymin>${7 * i}.5</ymin><xmax>${40 + i}</xmax><ymax>${7 * i + 20}</ymax></bndbox>
  </object>`;
const xml = `<?xml version="1.0" encoding="utf-8"?>
<annotation><folder>x</folder><filename>a.jpg</filename><size><width>100</width><height>80</height><depth>3</depth></size>
  ${[0, 1, 2, 3].map(object).join("\n  ")}
</annotation>`;
const annotation = (i: number) => {
  return { id: i, image_id: 1 + (i % 3), category_id: 1 + (i % 2), bbox: [10 * i, 5, 20.5, 30], area: 615, iscrowd: 0 };
};
const json = JSON.stringify(
  {
    images: names.map((name, i) => ({ id: i + 1, file_name: `${name}.jpg`, width: 100, height: 80 })),
    annotations: [1, 2, 3, 4, 5].map(annotation),
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

interface Row extends Pick<FuzzTarget, "format" | "share" | "full"> {
  kind: FormatName;
  /** the file that is damaged */
  file: string;
  content: string;
  beside?: Files;
  split?: string;
}

const inFolder = (folder: string): Files => Object.fromEntries(names.map((name) => [`${folder}/${name}.jpg`, jpeg]));
const voc = { ...inFolder("JPEGImages"), "Annotations/a.xml": xml, "Annotations/b.xml": xml };
const vocLists = { ...voc, "ImageSets/Main/train.txt": "a\nb\n", "labels.txt": "background\ncat\ndog\n" };
const yolo = { ...inFolder("images/train"), "images/val/e.jpg": jpeg, "labels/train/a.txt": labels };

const ROWS: readonly Row[] = [
  { format: ".xml", kind: "voc", file: "Annotations/a.xml", content: xml, share: 2000, full: 50_000, beside: inFolder("JPEGImages") },
  {
    format: ".json",
    kind: "coco",
    file: "annotations/instances_train.json",
    content: json,
    share: 2000,
    full: 50_000,
    beside: inFolder("train"),
  },
  {
    format: ".csv",
    kind: "openimages",
    file: "sub-train-annotations-bbox.csv",
    content: csv,
    share: 2000,
    full: 50_000,
    beside: inFolder("train"),
  },
  {
    format: ".txt",
    kind: "list",
    file: "train.txt",
    content: list,
    share: 800,
    full: 20_000,
    beside: { ...inFolder("images"), "labels.txt": "cat\ndog\n" },
  },
  {
    format: ".txt",
    kind: "yolo",
    file: "labels/train/a.txt",
    content: labels,
    share: 800,
    full: 20_000,
    beside: { ...yolo, "data.yaml": yaml },
  },
  { format: ".txt", kind: "yolo", file: "classes.txt", content: "cat\ndog\n", share: 100, full: 2500, beside: yolo },
  {
    format: ".txt",
    kind: "voc",
    file: "ImageSets/Main/train.txt",
    content: "a\nb\n",
    share: 200,
    full: 5000,
    beside: vocLists,
    split: "train",
  },
  { format: ".txt", kind: "voc", file: "labels.txt", content: "background\ncat\ndog\n", share: 100, full: 2500, beside: vocLists },
  { format: ".yaml", kind: "yolo", file: "data.yaml", content: yaml, share: 500, full: 10_000, beside: yolo },
];

/** Annotation files of every format in data sets of three pictures. */
export function annotationTargets(folder: string): FuzzTarget[] {
  return ROWS.map((row) => {
    const root = join(folder, `${row.kind} ${row.file.replaceAll("/", " ")}`);
    const bytes = new TextEncoder().encode(row.content);
    let isWritten = false;
    return {
      ...{ format: row.format, what: `${row.kind}: ${row.file}`, share: row.share, full: row.full },
      damaged: (draw) => mutate(bytes, draw),
      isRefused: (damaged, trial) => {
        writeFiles(root, { ...(isWritten ? {} : row.beside), [row.file]: damaged });
        isWritten = true;
        return isRefused(root, row, trial);
      },
    };
  });
}

async function isRefused(root: string, { kind, split }: Row, trial: number): Promise<boolean> {
  const classes = trial % 2 === 0 && { classes: ["cat", "dog"] };
  const dataset = await readDataset(root, { format: kind, ...(split && { split }), ...classes }).catch((error: Error) => error);
  if (!(dataset instanceof Error)) {
    expectUsable(dataset);
    return false;
  }
  if (!(dataset instanceof InputError)) throw dataset;
  if (dataset.message.length > 2000) throw new Error(`a message of ${dataset.message.length} letters`);
  return true;
}
