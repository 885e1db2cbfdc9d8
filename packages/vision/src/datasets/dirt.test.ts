import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readDataset } from "./read.js";
import {
  CLASSES,
  digest,
  expectConsistent,
  expectedPictures,
  jpeg,
  type Layout,
  messageOf,
  scratchFolder,
  writeDirt,
  writeFiles,
} from "./testing/index.js";

const scratch = scratchFolder();

const LAYOUTS: readonly Layout[] = [
  { name: "voc", format: "voc" },
  { name: "cvat", format: "voc", arrange: asCvat },
  { name: "coco", format: "coco", hasSides: true },
  { name: "roboflow", format: "coco", hasSides: true, arrange: asRoboflow },
  { name: "openimages", format: "openimages", isSizeless: true, isRelative: true, needsObjects: true },
  { name: "yolo", format: "yolo", hasSides: true, isSizeless: true, isRelative: true },
  { name: "list", format: "list", isSizeless: true },
];

/** One list for all, and the classes with their colours. */
function asCvat(root: string): void {
  renameSync(join(root, "ImageSets/Main/train.txt"), join(root, "ImageSets/Main/default.txt"));
  rmSync(join(root, "labels.txt"));
  writeFileSync(join(root, "labelmap.txt"), "# label:color_rgb:parts:actions\nbackground:0,0,0::\ncat:1,2,3::\ndog:4,5,6::\n");
}

/** The annotations beside the pictures, the project as a category above the others. */
function asRoboflow(root: string): void {
  const file = join(root, "annotations/instances_train.json");
  const content = JSON.parse(readFileSync(file, "utf8"));
  const categories = [
    { id: 0, name: "pets", supercategory: "none" },
    ...content.categories.map((row: object) => ({ ...row, supercategory: "pets" })),
  ];
  renameSync(join(root, "images"), join(root, "train"));
  writeFileSync(join(root, "train/_annotations.coco.json"), JSON.stringify({ ...content, categories }));
  rmSync(join(root, "annotations"), { recursive: true });
}

describe.each(LAYOUTS)("dirt in the layout of $name", (layout) => {
  const root = join(scratch, layout.name);
  const pictures = expectedPictures(layout);

  test("every picture and box becomes what it should, and every defect is named", async () => {
    await writeDirt(root, layout);
    const before = digest(root);
    const dataset = await readDataset(root, { split: "train" });
    expectConsistent(dataset);
    expect(dataset.classes).toEqual(CLASSES);
    const found = new Map(dataset.details.map((detail) => [detail.image, detail]));
    const actual = pictures.map(({ id }) => [id, found.get(id)?.status, ...(found.get(id)?.boxes.map(({ status }) => status) ?? [])]);
    const expected = pictures.map(({ id, status, withoutSize, withFractions, boxes }) => {
      const own = (layout.isSizeless && withoutSize) || (layout.isRelative && withFractions) || status;
      const swaps = layout.hasSides && boxes.some(({ withSides }) => withSides);
      const ofBoxes = boxes.map((box) => {
        if (own === "rejected") return "rejected";
        return (layout.hasSides && box.withSides) || (own === "ok" ? "ok" : box.status);
      });
      return [id, swaps && own === "ok" ? "repaired" : own, ...ofBoxes];
    });
    expect(actual).toEqual(expected);
    expect(found.size).toBe(pictures.length);
    expect(digest(root)).toEqual(before);
  });

  test("each rejected box has its file and its line or number; each rejected picture its reason", async () => {
    const dataset = await readDataset(root, { split: "train" });
    for (const { image, status, boxes } of dataset.details) {
      const problems = dataset.problems.filter((problem) => problem.image === image && problem.action === "rejected");
      const ofBoxes = problems.filter(({ annotation, line }) => annotation !== undefined || line !== undefined);
      const ofPicture = problems.filter(({ annotation }) => annotation === undefined);
      if (status === "rejected") expect(ofPicture.length, image).toBeGreaterThan(0);
      else expect(ofBoxes.length, image).toBe(boxes.filter((box) => box.status === "rejected").length);
      for (const problem of problems) expect(problem.message.length, image).toBeGreaterThan(10);
    }
  });
});

describe("what cannot be read at all ends in one message", () => {
  const row = '{"images": [], "annotations": [], "categories": []}';
  const cases: [name: string, files: Record<string, string | Uint8Array>, split: string | undefined, message: string][] = [
    ["nothing", { ".keep": "" }, undefined, "ROOT holds no data set that is recognised. Name a folder"],
    ["one folder too high", { "photos/Annotations/a.xml": "", "photos/JPEGImages/a.jpg": jpeg }, "train", "ROOT: no split train."],
    ["two folders too high", { "a/b/Annotations/a.xml": "" }, undefined, "ROOT holds no data set that is recognised. Did you mean ROOT/a?"],
    [
      "broken JSON",
      { "annotations/instances_train.json": '{"images": [' },
      undefined,
      "ROOT/annotations/instances_train.json: this is not JSON.",
    ],
    [
      "other JSON",
      { "annotations/instances_train.json": '{"shapes": []}' },
      undefined,
      'ROOT/annotations/instances_train.json: there is no list "images".',
    ],
    [
      "other CSV",
      { "train-annotations-bbox.csv": "a,b\n1,2\n" },
      undefined,
      "ROOT/train-annotations-bbox.csv, line 1: there is no column ImageID, XMin, YMin, XMax, YMax, ClassName.",
    ],
    ["broken YAML", { "data.yaml": "names: [cat" }, undefined, "ROOT/data.yaml, line 1: "],
    ["no names", { "data.yaml": "nc: 3" }, undefined, "ROOT: nothing names the classes."],
    [
      "a class twice",
      { "Annotations/a.xml": "<annotation/>", "labels.txt": "cat\ncat\n" },
      undefined,
      "ROOT/labels.txt, line 2: class cat is listed twice.",
    ],
    ["no class", { "Annotations/a.xml": "<annotation/>", "labels.txt": "\n" }, undefined, "ROOT/labels.txt: no class is listed."],
    ["no such split", { "annotations/instances_train.json": row }, "trian", "ROOT: no split trian. There is train. Did you mean train?"],
    [
      "labels in another encoding",
      { "Annotations/a.xml": "<annotation/>", "labels.txt": Uint8Array.of(0x4d, 0xe4, 0x0a) },
      undefined,
      "ROOT/labels.txt, line 1: not a text in utf-8",
    ],
  ];
  test.each(cases)("%s", async (name, files, split, message) => {
    const root = join(scratch, `fatal ${name}`);
    mkdirSync(root);
    writeFiles(root, files);
    const said = (await messageOf(readDataset(root, split === undefined ? {} : { split }))).replaceAll(root, "ROOT");
    expect(said.slice(0, message.length)).toBe(message);
    expect(said.split("\n").length).toBeLessThanOrEqual(6);
  });

  test("no picture that can be used", async () => {
    const root = writeFiles(join(scratch, "unusable"), { "Annotations/a.xml": "", "labels.txt": "cat\n" });
    const { problems } = await readDataset(root);
    expect(problems.at(-1)).toEqual({
      file: "unusable",
      kind: "nothing-usable",
      action: "fatal",
      message: "none of its 1 pictures can be used",
    });
  });
});
