import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodePicture } from "../images/index.js";
import { randomOf } from "../random.js";
import { collectDataset } from "./collect.js";
import { examineDataset } from "./examine/index.js";
import { formatNames } from "./format-names.js";
import { readDataset } from "./read.js";
import { showDataset } from "./show.js";
import { addVocLists, parseShares, resplit, stratify } from "./split/index.js";
import { datasetStats, statsPicture, statsText } from "./stats/index.js";
import { subsetOf } from "./subset.js";
import { synthesizeDataset } from "./synth/index.js";
import { digest, expectConsistent, jpeg, messageOf, scratchFolder, writeFiles } from "./testing/index.js";

const scratch = scratchFolder();
const bccd = fileURLToPath(new URL("../../../../examples/bccd", import.meta.url));
const at = (name: string) => join(scratch, name);

describe("synth", () => {
  test.each(formatNames)("draws a data set in the format %s that has no defect", async (format) => {
    await synthesizeDataset(at(`synth ${format}`), { format, splits: { train: 6, val: 3 }, size: 64 });
    const dataset = await readDataset(at(`synth ${format}`), { split: "train" });
    expectConsistent(dataset);
    expect([dataset.classes, dataset.counts.boxes.rejected]).toEqual([["disc", "square", "triangle"], 0]);
    expect(dataset.problems.filter(({ action }) => action !== "note")).toEqual([]);
  });

  test("the same seed draws the same files, another seed others", async () => {
    const options = { splits: { train: 4 }, size: 48 };
    for (const [name, seed] of [
      ["one", 1],
      ["again", 1],
      ["two", 2],
    ] as const)
      await synthesizeDataset(at(name), { ...options, seed });
    const contents = (name: string) => digest(at(name)).map((line) => line.split(" ").at(-1));
    expect(contents("again")).toEqual(contents("one"));
    expect(contents("two")).not.toEqual(contents("one"));
  });

  test("box and shape fit to the pixel", async () => {
    await synthesizeDataset(at("squares"), { classes: ["disc", "square"], splits: { train: 30 }, size: 64, maxObjects: 1 });
    const { entries } = await readDataset(at("squares"));
    const squares = entries.filter(({ labels }) => labels[0] === 2);
    expect(squares.length).toBeGreaterThan(2);
    for (const { imageFile, boxes } of squares) {
      const { data, width } = await decodePicture(imageFile);
      const [x1, y1, x2, y2] = [...boxes] as [number, number, number, number];
      const at = (x: number, y: number) => String(data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3));
      const color = at(x1, y1);
      for (const [x, y] of [
        [x2 - 1, y1],
        [x1, y2 - 1],
        [x2 - 1, y2 - 1],
      ] as const)
        expect(at(x, y)).toBe(color);
      if (x1 > 0) expect(at(x1 - 1, y1)).not.toBe(color);
      if (y2 < 64) expect(at(x1, y2)).not.toBe(color);
    }
  });
});

describe("split", () => {
  test("every class is spread in the same shares, as near as whole pictures allow", () => {
    const pictures = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 1 }), { minLength: 40, maxLength: 200 });
    fc.assert(
      fc.property(pictures, fc.integer({ min: 0 }), (labels, seed) => {
        const shares = parseShares("70/20/10");
        const parts = stratify(labels, shares, randomOf(seed));
        for (const kind of [0, 1, 2, 3, 4]) {
          const of = (part?: number) =>
            labels.filter((own, i) => (own[0] ?? 0) === kind && (part === undefined || parts[i] === part)).length;
          for (const [part, { share }] of shares.entries()) expect(Math.abs(of(part) - share * of())).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
      { seed: 3 },
    );
  });

  test("BCCD 70/20/10: seeded, nothing lost, the rare class in every part", async () => {
    const { written } = await collectDataset(bccd);
    const [one, again, two] = [1, 1, 2].map((seed) => resplit(written, parseShares("70/20/10"), seed).splits);
    const ids = (splits: typeof one) => splits!.map(({ images }) => images.map(({ id }) => id));
    expect(ids(again)).toEqual(ids(one));
    expect(ids(two)).not.toEqual(ids(one));
    expect(ids(one).flat().sort()).toEqual(
      readdirSync(join(bccd, "JPEGImages"))
        .map((name) => name.replace(".jpg", ""))
        .sort(),
    );
    const platelets = one!.map(({ images }) => images.filter(({ objects }) => objects.some(({ name }) => name === "Platelets")).length);
    expect(platelets).toEqual([109, 31, 16]);
  });

  test("lists for Pascal VOC, those of each class as well; nothing is replaced", async () => {
    const root = at("voc lists");
    await synthesizeDataset(root, { splits: { old: 10 }, size: 32 });
    const divided = resplit((await collectDataset(root)).written, parseShares("train=6,val=4"), 0);
    const files = await addVocLists(root, divided);
    const text = (name: string) => readFileSync(join(root, "ImageSets/Main", name), "utf8");
    expect(text("trainval.txt")).toBe(text("train.txt") + text("val.txt"));
    const disc = text("disc_val.txt").trimEnd().split("\n");
    expect(disc.every((line) => /^old-\d{4} (-1| 1)$/.test(line))).toBe(true);
    expect(files.length).toBe(2 + 1 + 2 * 3);
    const { entries } = await readDataset(root, { split: "disc_val" });
    expect(entries.length).toBe(disc.filter((line) => line.endsWith(" 1")).length);
    expect(await messageOf(addVocLists(root, divided))).toBe(
      `${join(root, "ImageSets/Main/train.txt")}: this list exists already. Write a copy with --out, or remove it.`,
    );
  });

  test("shares that are none", () => {
    for (const text of ["70", "70/-1", "a=1", "train=1,train=2", "x/y", "1/2/3/4", "", "../x=1,b=2"])
      expect(() => parseShares(text), text).toThrow(`${text} does not say how to divide. Write 70/20/10 or train=80,test=20.`);
    expect(parseShares("80/10/10").map(({ name, share }) => `${name} ${share}`)).toEqual(["train 0.8", "val 0.1", "test 0.1"]);
  });
});

describe("subset", () => {
  test("some classes, pictures that show them, boxes that are large enough, without crowds", async () => {
    const rows = [
      { category_id: 5, bbox: [1, 2, 30, 40] },
      { category_id: 5, bbox: [1, 2, 3, 4] },
      { category_id: 9, bbox: [1, 2, 30, 40] },
      { category_id: 5, bbox: [9, 2, 30, 40], iscrowd: 1 },
      { category_id: 7, bbox: [1, 2, 30, 40], image_id: 2 },
    ];
    const json = JSON.stringify({
      images: [1, 2].map((id) => ({ id, file_name: `${id}.jpg`, width: 100, height: 80 })),
      annotations: rows.map((row, i) => ({ image_id: 1, ...row, id: i + 1 })),
      categories: [5, 7, 9].map((id) => ({ id, name: `c${id}` })),
    });
    const root = writeFiles(at("subset"), { "annotations/instances_train.json": json, "train/1.jpg": jpeg, "train/2.jpg": jpeg });
    const { written } = await collectDataset(root);
    const left = ({ classes, splits }: ReturnType<typeof subsetOf>) => [
      classes,
      splits[0]!.images.map(({ id, objects }) => [id, objects.length]),
    ];
    expect(left(subsetOf(written, { classes: ["c9", "c5"], minBoxArea: 16, skipCrowd: true }))).toEqual([["c5", "c9"], [["1", 2]]]);
    expect(left(subsetOf(written, { classIds: [7] }))).toEqual([["c7"], [["2", 1]]]);
    expect(left(subsetOf(written, { classIds: [5] }))).toEqual([["c5"], [["1", 3]]]);
    expect(() => subsetOf(written, { classes: ["c6"] })).toThrow("no class is called c6. Did you mean c5?");
    expect(() => subsetOf(written, { classIds: [1] })).toThrow(
      "no class has the id 1. Ids are those of a COCO file; elsewhere name the classes.",
    );
    expect(() => subsetOf(written, { classIds: [9], minBoxArea: 1e6 })).toThrow("no picture has a box of the classes that are asked for");
  });
});

describe("what no single picture shows", () => {
  test("pictures that occur twice, in one split and in two", async () => {
    const root = at("twice");
    await synthesizeDataset(root, { splits: { train: 4, val: 3 }, size: 32 });
    const file = (id: string) => join(root, "JPEGImages", `${id}.png`);
    copyFileSync(file("train-0001"), file("train-0002"));
    copyFileSync(file("train-0003"), file("val-0001"));
    const list = readFileSync(join(root, "ImageSets/Main/val.txt"), "utf8");
    writeFiles(root, {
      "ImageSets/Main/val.txt": `${list}train-0004\n`,
      "ImageSets/Main/trainval.txt": "train-0001\ntrain-0002\nval-0002\n",
    });
    const { problems, splits } = await examineDataset(root);
    expect(splits).toEqual([
      { name: "train", images: 4 },
      { name: "trainval", images: 3 },
      { name: "val", images: 4 },
    ]);
    expect(
      problems.filter(({ kind }) => /duplicate-picture|split-overlap/.test(kind)).map(({ kind, message }) => `${kind}: ${message}`),
    ).toEqual([
      "duplicate-picture: JPEGImages/train-0002.png is the same picture as JPEGImages/train-0001.png",
      "duplicate-picture: JPEGImages/train-0002.png is the same picture as JPEGImages/train-0001.png",
      "split-overlap: JPEGImages/val-0001.png, in val, is the same picture as JPEGImages/train-0003.png, in train: what was trained on proves nothing",
      "split-overlap: JPEGImages/train-0004.png is in train and in val: what was trained on proves nothing",
    ]);
  });

  test("a class that is a slip of the pen: VOC2028's dog", async () => {
    const object = (name: string) =>
      `<object><name>${name}</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox></object>`;
    const pictures = Array.from({ length: 26 }, (_, i) => `0003${String(i).padStart(2, "0")}`);
    const files = pictures.flatMap((id, i) => [
      [`Annotations/${id}.xml`, `<annotation>${object("person").repeat(40)}${object(i === 3 ? "dog" : "hat")}</annotation>`],
      [`JPEGImages/${id}.JPG`, jpeg],
    ]);
    const root = writeFiles(at("VOC2028"), Object.fromEntries(files));
    const { problems, classes } = await examineDataset(root);
    expect(classes).toEqual(["dog", "hat", "person"]);
    expect(problems.filter(({ kind }) => kind === "rare-class").map(({ message }) => message)).toEqual([
      "class dog occurs in one picture only: if it is a slip, list the right classes in labels.txt",
    ]);
    writeFiles(root, { "labels.txt": "hat\nperson\n" });
    const listed = await readDataset(root);
    expect([listed.entries.length, listed.classes]).toEqual([26, ["hat", "person"]]);
    expect(
      listed.problems.filter(({ action }) => action === "rejected").map(({ file, line, message }) => `${file}:${line} ${message}`),
    ).toEqual(["Annotations/000303.xml:1 class dog is not in the list of classes"]);
  });
});

describe("stats and show", () => {
  test("the numbers are those of the boxes, as text and as a picture", async () => {
    const dataset = await readDataset(bccd, { split: "test" });
    const stats = datasetStats(dataset);
    expect(stats).toMatchObject({ images: 72, boxes: 945, background: 0 });
    expect(stats.classes.reduce((sum, { boxes }) => sum + boxes, 0)).toBe(945);
    for (const { boxes, small, medium, large } of stats.classes) expect(small + medium + large).toBe(boxes);
    for (const bins of [stats.relativeSizes, stats.aspectRatios]) expect(bins.reduce((sum, { value }) => sum + value, 0)).toBe(945);
    expect(statsText(stats)).toMatch(
      /^72 pictures, 0 of them without objects; 945 boxes, 13\.1 a picture, at most \d+\npictures of 640 x 480, /,
    );
    expect(await statsPicture(stats)).toMatchObject({ width: 900 });
    expect(statsText(datasetStats({ entries: [], classes: ["cat"] }))).toMatch(/^0 pictures/);
  });

  test("a sheet of pictures, beside each what training sees", async () => {
    const dataset = await readDataset(bccd, { split: "test" });
    const plain = await showDataset(dataset, { count: 1, className: "Platelets" });
    const both = await showDataset(dataset, { count: 1, className: "Platelets", steps: [{ step: "flip" }] });
    expect(both.width).toBeGreaterThan(1.9 * plain.width);
    expect(await messageOf(showDataset(dataset, { className: "Platelet" }))).toBe("no class is called Platelet. Did you mean Platelets?");
  });
});

test("Pascal VOC of several years: all, a split of all, one year, both years' splits together", async () => {
  const root = at("VOCdevkit");
  await synthesizeDataset(join(root, "VOC2007"), { splits: { trainval: 3, test: 2 }, size: 32, classes: ["cat", "dog"] });
  await synthesizeDataset(join(root, "VOC2012"), { splits: { trainval: 4 }, size: 32, seed: 1, classes: ["cat", "dog"] });
  const count = async (split?: string) => (await readDataset(root, split === undefined ? {} : { split })).counts.images.found;
  expect([
    await count(),
    await count("trainval"),
    await count("test"),
    await count("VOC2012/trainval"),
    await count("trainval+test"),
  ]).toEqual([9, 7, 2, 4, 9]);
  const { details } = await readDataset(root, { split: "trainval" });
  expect(new Set(details.map(({ image }) => image)).size).toBe(7);
  expect(await messageOf(readDataset(root, { split: "val" }))).toBe(`${root}: no split val. There are test, trainval, VOC2007/test.`);
});

test("annotations beside the pictures: labelImg's one folder, Roboflow's folder for each split", async () => {
  const xml = (name: string) =>
    `<annotation><object><name>${name}</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax></bndbox></object></annotation>`;
  const flat = writeFiles(at("labelImg"), { "a.jpg": jpeg, "a.xml": xml("cat"), "b.jpg": jpeg });
  const one = await readDataset(flat);
  expect([one.entries.map(({ id, source }) => `${id} ${source}`), one.problems.map(({ message }) => message)]).toEqual([
    ["a a.xml"],
    ["b.jpg has no annotation"],
  ]);
  const root = writeFiles(at("roboflow voc"), {
    "train/a.jpg": jpeg,
    "train/a.xml": xml("dog"),
    "valid/b.jpg": jpeg,
    "valid/b.xml": xml("cat"),
    "test/c.xml": "<x",
    "test/c.jpg": jpeg,
  });
  const valid = await readDataset(root, { split: "val" });
  expect([valid.split, valid.classes, valid.entries.map(({ id, source, labels }) => `${id} ${source} ${labels}`)]).toEqual([
    "valid",
    ["cat", "dog"],
    ["b valid/b.xml 1"],
  ]);
  expect((await readDataset(root)).problems.map(({ file, line }) => `${file}:${line}`)).toEqual(["test/c.xml:1"]);
  expect(await messageOf(readDataset(root, { split: "trian" }))).toBe(
    `${root}: no split trian. There are test, train, valid. Did you mean train?`,
  );
});

test("CVAT's only list stands for every split, and it is said that they are the same pictures", async () => {
  const root = at("cvat");
  await synthesizeDataset(root, { splits: { default: 3 }, size: 32 });
  for (const split of ["train", "test"]) {
    const { problems, counts } = await readDataset(root, { split });
    expect(counts.images.found).toBe(3);
    expect(problems).toEqual([
      {
        file: "ImageSets/Main/default.txt",
        kind: "default-split",
        action: "note",
        message: `there is no list ${split}, so default.txt is taken: where it stands for training and for testing, both see the same pictures`,
      },
    ]);
  }
  expect(existsSync(join(root, "ImageSets/Main/train.txt"))).toBe(false);
});
