import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CROWD, DIFFICULT } from "../sample.js";
import { collectDataset } from "./collect.js";
import { type FormatName, formatNames } from "./format-names.js";
import { lostIn } from "./lost.js";
import { readDataset } from "./read.js";
import { digest, expectConsistent, jpeg, messageOf, scratchFolder, writeFiles } from "./testing/index.js";
import type { Dataset, RawObject } from "./types.js";
import { writeDataset } from "./write.js";
import type { WrittenDataset } from "./writing/index.js";

const scratch = scratchFolder();
const boxFormats = formatNames.filter((name) => name !== "folder");

/** Everything of a data set but where it lies. */
const boxesOf = ({ classes, entries }: Dataset) => ({
  classes,
  entries: entries
    .map(({ id, width, height, boxes, labels, flags }) => ({
      id,
      size: [width, height],
      boxes: [...boxes],
      labels: [...labels],
      flags: [...flags],
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1)),
});

const shipped = fileURLToPath(new URL("../../../../examples/bccd", import.meta.url));
const whole = fileURLToPath(new URL("../../../../../shared/data/bccd", import.meta.url));

describe.each([shipped, whole].filter(existsSync))("BCCD in %s", (bccd) => {
  const splits = [undefined, ...readdirSync(join(bccd, "ImageSets/Main")).map((name) => name.replace(".txt", ""))];
  const read = async (root: string) =>
    Promise.all(splits.map(async (split) => boxesOf(await readDataset(root, split === undefined ? {} : { split }))));
  const original = read(bccd);

  test.each(boxFormats)("to %s and back is the same, box for box", async (to) => {
    const [there, back] = ["there", "back"].map((name) => join(scratch, `${bccd === whole ? "whole" : "shipped"} ${to} ${name}`)) as [
      string,
      string,
    ];
    await writeDataset(there, (await collectDataset(bccd)).written, to);
    await writeDataset(back, (await collectDataset(there)).written, "voc");
    expect(await read(back)).toEqual(await original);
    expect(boxesOf(await readDataset(there, { split: "test" }))).toEqual((await original)[splits.indexOf("test")]);
    const { entries } = await readDataset(bccd, { split: "test" });
    for (const { id, imageFile } of entries.slice(0, 5))
      expect(readFileSync(join(back, "JPEGImages", `${id}.jpg`)).equals(readFileSync(imageFile))).toBe(true);
  });
});

const object = (name: string, box: RawObject["box"], flags = 0): RawObject => ({ name, box, flags, annotation: 1 });
const picture = writeFiles(scratch, { "picture.jpg": jpeg });
const imageFile = join(picture, "picture.jpg");

test("random data sets survive every format", async () => {
  const name = fc.stringMatching(/^[A-Za-zäß中][A-Za-z0-9 ,'"<&:#äß中-]{0,10}[a-z0-9]$/);
  const side = (most: number) =>
    fc
      .tuple(fc.integer({ min: 0, max: 8 * most - 8 }), fc.integer({ min: 4, max: 8 * most }))
      .map(([from, length]): [number, number] => [from / 8, Math.min(from + length, 8 * most) / 8]);
  const box = fc.tuple(side(100), side(80)).map(([[x1, x2], [y1, y2]]): RawObject["box"] => [x1, y1, x2, y2]);
  const dataset = fc.uniqueArray(name, { minLength: 1, maxLength: 4, selector: (text) => text.toLowerCase() }).chain((classes) => {
    const objects = fc.array(fc.tuple(fc.constantFrom(...classes), box), { minLength: 1, maxLength: 4 });
    return fc.record({
      classes: fc.constant(classes),
      pictures: fc.uniqueArray(
        fc.tuple(
          name.map((text) => text.replaceAll(":", "-")),
          objects,
        ),
        { minLength: 1, maxLength: 3, selector: ([id]) => id.toLowerCase() },
      ),
    });
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(dataset, fc.constantFrom(...boxFormats), async ({ classes, pictures }, format) => {
      const images = pictures.map(([id, objects]) => ({
        id,
        imageFile,
        width: 100,
        height: 80,
        objects: objects.map(([className, corners]) => object(className, corners)),
      }));
      const out = join(scratch, `random ${run++}`);
      await writeDataset(out, { classes, splits: [{ name: "train", images }] }, format);
      const read = await readDataset(out, { split: "train" });
      expectConsistent(read);
      expect(read.classes).toEqual(classes);
      const byId = new Map(read.entries.map((entry) => [entry.id, entry]));
      for (const { id, objects } of images) {
        expect([...byId.get(id)!.boxes]).toEqual(objects.flatMap((one) => one.box));
        expect([...byId.get(id)!.labels]).toEqual(objects.map((one) => classes.indexOf(one.name) + 1));
      }
    }),
    { seed: 5, numRuns: 60 },
  );
});

describe("what a format can hold stays", () => {
  const rich: WrittenDataset = {
    classes: ["cat", "dog"],
    splits: [
      {
        name: "train",
        images: [
          {
            id: "a",
            imageFile,
            width: 100,
            height: 80,
            objects: [
              object("cat", [1, 2, 30, 40], DIFFICULT),
              object("cat", [1, 2, 30, 41], CROWD),
              { ...object("dog", [1, 2, 30, 42]), truncated: true, occluded: true },
            ],
          },
          { id: "b", imageFile, width: 100, height: 80, objects: [] },
          { id: "c", imageFile, width: 100, height: 80, objects: [object("dog", [1, 2, 30, 40], DIFFICULT)] },
        ],
      },
    ],
  };
  const kept: Record<Exclude<FormatName, "folder">, { flags: number[]; images: number }> = {
    voc: { flags: [DIFFICULT, 0, 0], images: 3 },
    coco: { flags: [DIFFICULT, CROWD, 0], images: 3 },
    openimages: { flags: [0, CROWD, 0], images: 2 },
    yolo: { flags: [0, 0, 0], images: 3 },
    list: { flags: [0, 0], images: 2 },
  };
  test.each(boxFormats)("%s: and what cannot stay is said", async (format) => {
    const out = join(scratch, `rich ${format}`);
    await writeDataset(out, rich, format);
    const { entries } = await readDataset(out, { split: "train" });
    const { flags, images } = kept[format as Exclude<FormatName, "folder">];
    expect([[...entries[0]!.flags], entries.length]).toEqual([flags, images]);
    const marks = [
      ...(flags[0] ? [] : [`2 boxes are marked as difficult: ${format === "list" ? "left out" : "that is not kept"}`]),
      ...(flags[1] ? [] : ["1 box is marked as crowds: that is not kept"]),
      ...(["voc", "openimages"].includes(format)
        ? []
        : ["truncated", "occluded"].map((mark) => `1 box is marked as ${mark}: that is not kept`)),
    ];
    const pictures: Partial<Record<FormatName, string>> = {
      openimages: "1 picture without objects is left out: the format cannot hold it",
      list: "1 picture shows nothing but such boxes: left out",
    };
    expect(lostIn(rich, format)).toEqual([...marks, ...[pictures[format] ?? []].flat()]);
  });

  test("what only one format knows survives in it: poses, parts, segmentations, ids", async () => {
    const xml = `<annotation><source><database>mine</database></source><size><width>100</width><height>80</height></size>
      <object><name>cat</name><pose>Left</pose><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30.5</xmax><ymax>40</ymax></bndbox>
      <part><name>head</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></part></object></annotation>`;
    const voc = writeFiles(join(scratch, "own voc"), { "Annotations/a.xml": xml, "JPEGImages/a.jpg": jpeg });
    await writeDataset(join(scratch, "own voc again"), (await collectDataset(voc)).written, "voc");
    const again = readFileSync(join(scratch, "own voc again/Annotations/a.xml"), "utf8");
    for (const part of ["<database>mine</database>", "<pose>Left</pose>", "<name>head</name>", "<xmax>30.5</xmax>"])
      expect(again).toContain(part);

    const row = { id: 77, image_id: 9, category_id: 3, bbox: [1, 2, 30, 40], area: 55.5, iscrowd: 0, segmentation: [[1, 2, 3, 4, 5, 6]] };
    const content = {
      images: [{ id: 9, file_name: "a.jpg", width: 100, height: 80, license: 4 }],
      annotations: [row],
      categories: [{ id: 3, name: "cat", supercategory: "pet" }],
    };
    const coco = writeFiles(join(scratch, "own coco"), {
      "annotations/instances_train.json": JSON.stringify(content),
      "train/a.jpg": jpeg,
    });
    await writeDataset(join(scratch, "own coco again"), (await collectDataset(coco)).written, "coco");
    expect(JSON.parse(readFileSync(join(scratch, "own coco again/annotations/instances_train.json"), "utf8"))).toEqual(content);
  });

  test("a folder for each class: objects cut out, whole pictures copied; a class may be called as no folder can be", async () => {
    const images = [
      { id: "a", imageFile, width: 100, height: 80, objects: [object("../evil", [10, 20, 30.5, 40]), object("..", [0, 0, 5, 5])] },
      { id: "b", imageFile, width: 100, height: 80, objects: [object("../evil", [0, 0, 100, 80])] },
    ];
    const out = join(scratch, "crops");
    await writeDataset(out, { classes: ["../evil", ".."], splits: [{ images }] }, "folder");
    const dataset = await readDataset(out);
    expectConsistent(dataset);
    expect(dataset.entries.map(({ id, width, height }) => [id, width, height])).toEqual([
      ["_/a-2", 5, 5],
      ["__evil/a-1", 21, 20],
      ["__evil/b", 100, 80],
    ]);
  });
});

test("a class may be called background, and be written over two lines", async () => {
  const json = (name: string) =>
    JSON.stringify({
      images: [{ id: 1, file_name: "a.jpg" }],
      annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [1, 2, 3, 4] }],
      categories: [{ id: 1, name }],
    });
  for (const [i, name] of ["background", "two\n lines"].entries()) {
    const { written } = await collectDataset(writeFiles(join(scratch, `name ${i}`), { "instances.json": json(name), "a.jpg": jpeg }));
    for (const format of boxFormats) {
      const out = join(scratch, `name ${i} ${format}`);
      await writeDataset(out, written, format);
      const { classes, counts } = await readDataset(out);
      expect([classes, counts.boxes.ok], format).toEqual([[name.replace("\n ", " ")], 1]);
    }
  }
});

test("several data sets are one, their classes matched by name", async () => {
  const one = (id: string, name: string): WrittenDataset => ({
    classes: [name, "cat"],
    splits: [
      {
        name: "train",
        images: [{ id, imageFile, width: 100, height: 80, objects: [object(name, [1, 2, 3, 4]), object("cat", [5, 6, 7, 8])] }],
      },
    ],
  });
  const roots = ["first", "second"].map((name) => join(scratch, name));
  await writeDataset(roots[0]!, one("a", "dog"), "voc");
  await writeDataset(roots[1]!, one("a", "owl"), "coco");
  const dataset = await readDataset(roots, { split: "train" });
  expectConsistent(dataset);
  expect(dataset.classes).toEqual(["dog", "cat", "owl"]);
  expect(dataset.entries.map(({ id, labels, source }) => [id, [...labels], source])).toEqual([
    ["first/a", [1, 2], "first/Annotations/a.xml"],
    ["second/a", [3, 2], "second/annotations/instances_train.json"],
  ]);
  await writeDataset(join(scratch, "third"), { ...one("b", "fox"), splits: [{ ...one("b", "fox").splits[0]!, name: "test" }] }, "list");
  const { problems } = await readDataset([...roots, join(scratch, "third")], { split: "train" });
  expect(problems.map(({ file, message }) => `${file}: ${message}`)).toEqual([
    "third: it has no split train: of this data set nothing is taken",
  ]);
  const merged = join(scratch, "merged");
  await writeDataset(merged, (await collectDataset(roots)).written, "voc");
  expect((await readDataset(merged)).counts.boxes.ok).toBe(4);
});

test("a repaired copy has no defects, and the source stays as it is", async () => {
  const json = JSON.stringify({
    images: [{ id: 1, file_name: "a.jpg", width: 100, height: 80 }],
    annotations: [
      [95, 2, 30.25, 40.1],
      [1.1, 2, 0, 4],
      [1.1, 2.2, 3.3, 4.4],
    ].map((bbox, id) => ({ id, image_id: 1, category_id: 1, bbox })),
    categories: [{ id: 1, name: "cat" }],
  });
  const root = writeFiles(join(scratch, "dirty"), { "instances.json": json, "a.jpg": jpeg });
  const before = digest(root);
  const out = join(scratch, "repaired");
  await writeDataset(out, (await collectDataset(root)).written, "coco");
  const dataset = await readDataset(out);
  expect([dataset.problems, dataset.counts.boxes]).toEqual([[], { found: 2, ok: 2, repaired: 0, rejected: 0 }]);
  const { annotations } = JSON.parse(readFileSync(join(out, "annotations/instances.json"), "utf8"));
  expect(annotations.map(({ bbox }: { bbox: number[] }) => bbox)).toEqual([
    [95, 2, 5, 40.1],
    [1.1, 2.2, 3.3, 4.4],
  ]);
  expect(digest(root)).toEqual(before);
});

test("nothing is written over, and nothing into a data set", async () => {
  const out = writeFiles(join(scratch, "taken"), { "x.txt": "" });
  const empty: WrittenDataset = { classes: [], splits: [] };
  expect(await messageOf(writeDataset(out, empty, "voc"))).toBe(`${out}: there is something in this place already. Name a new folder.`);
  expect(readdirSync(out)).toEqual(["x.txt"]);
});

test("two pictures of one name in two splits stay two", async () => {
  const files = {
    "data.yaml": "train: images/train\nval: images/val\nnames: [cat]\n",
    "images/train/1.jpg": jpeg,
    "images/val/1.jpg": jpeg,
  };
  const root = writeFiles(join(scratch, "same names"), {
    ...files,
    "labels/train/1.txt": "0 0.5 0.5 0.2 0.2",
    "labels/val/1.txt": "0 0.5 0.5 0.4 0.4",
  });
  const out = join(scratch, "same names voc");
  await writeDataset(out, (await collectDataset(root)).written, "voc");
  const ids = async (split: string) => (await readDataset(out, { split })).entries.map(({ id, boxes }) => [id, boxes[0]]);
  expect([await ids("train"), await ids("val")]).toEqual([[["train_1", 40]], [["val_1", 30]]]);
});
