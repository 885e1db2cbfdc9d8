import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CROWD, DIFFICULT } from "../../sample.js";
import { readDataset } from "../read.js";
import { expectConsistent, jpeg, messageOf, png, scratchFolder, summary, turned, writeFiles } from "../testing/index.js";

const scratch = scratchFolder();
const folder = (name: string, files: Record<string, string | Uint8Array>) => writeFiles(join(scratch, name), files);

const categories = [
  { id: 90, name: "dog" },
  { id: 7, name: "cat" },
];
const image = (id: unknown, file_name: string, more = {}) => ({ id, file_name, width: 100, height: 80, ...more });
const object = (id: unknown, image_id: unknown, bbox: unknown, more = {}) => ({ id, image_id, category_id: 7, bbox, ...more });
const content = (images: object[], annotations: object[], more = {}) => JSON.stringify({ images, annotations, categories, ...more });

describe("layouts", () => {
  const json = content([image(5, "a.jpg")], [object(1, 5, [1, 2, 30, 40])]);
  const layouts: [name: string, json: string, picture: string, splits: string[]][] = [
    ["pictures in folders at the top", "annotations/instances_train2017.json", "train2017/a.jpg", ["train", "train2017"]],
    ["pictures in images/", "annotations/instances_val2017.json", "images/val2017/a.jpg", ["val", "val2017"]],
    ["CVAT", "annotations/instances_default.json", "images/a.jpg", ["default"]],
    ["pictures in images/default, as newer CVAT", "annotations/instances_default.json", "images/default/a.jpg", ["default"]],
    ["Roboflow", "valid/_annotations.coco.json", "valid/a.jpg", ["val", "valid"]],
    ["a file at the top", "instances.json", "images/a.jpg", []],
    ["a file beside the pictures", "boxes.json", "a.jpg", ["boxes"]],
  ];
  for (const [name, file, picture, splits] of layouts) {
    test(name, async () => {
      const root = folder(name, { [file]: json, [picture]: jpeg });
      for (const split of [undefined, ...splits]) {
        const dataset = await readDataset(root, split === undefined ? {} : { split });
        expect(dataset.problems).toEqual([]);
        expect(dataset.entries).toMatchObject([{ id: "a", imageFile: join(root, picture), source: file }]);
        expect([...dataset.entries[0]!.boxes]).toEqual([1, 2, 31, 42]);
      }
    });
  }

  test("files in odd places", async () => {
    const root = folder("odd", { "x/my.json": json, "y/a.JPG": jpeg, "z/names.txt": "dog\ncat\n" });
    const places = { annotations: join(root, "x/my.json"), images: join(root, "y") };
    const dataset = await readDataset([], places);
    expect([dataset.classes, dataset.entries.length]).toEqual([["cat", "dog"], 1]);
    expect((await readDataset([], { ...places, labels: join(root, "z/names.txt") })).classes).toEqual(["dog", "cat"]);
  });
});

describe("category ids as labels", () => {
  const usual = ["person", "N/A", "cat", "N/A", "dog"];
  const named = (...categories: [id: unknown, name: string][]) => ({
    images: [image(5, "a.jpg")],
    annotations: categories.map(([id], i) => object(i, 5, [1, 2, 3, 4 + i], { category_id: id })),
    categories: categories.map(([id, name]) => ({ id, name })),
  });
  const read = (name: string, content: object) => {
    const root = folder(name, { "annotations/instances_train.json": JSON.stringify(content), "train/a.jpg": jpeg });
    return readDataset(root, { categoryIds: usual });
  };

  test("of some of the usual categories bring the names of all", async () => {
    const { classes, entries } = await read("usual", named([5, "dog"], [3, "cat"]));
    expect([classes, [...entries[0]!.labels]]).toEqual([usual, [5, 3]]);
  });

  test("of others leave labels that name nothing", async () => {
    const { classes, entries } = await read("others", named([1, "bolt"], [4, "nut"]));
    expect([classes, [...entries[0]!.labels]]).toEqual([
      ["bolt", "N/A", "N/A", "nut", "N/A"],
      [1, 4],
    ]);
  });

  test.each([0, 6, "one"])("must be whole numbers from 1 on: %s", async (id) => {
    await expect(read(`odd-${id}`, named([id, "bolt"]))).rejects.toThrow(
      `odd-${id}: category bolt has the id ${id}, where labels are ids from 1 to 5. Number the categories so, or take the classes without their ids.`,
    );
  });

  test("may stand in a list of classes, which names nothing as often as it must", async () => {
    const files = { "annotations/instances_train.json": JSON.stringify(named([4, "nut"])), "train/a.jpg": jpeg };
    const root = folder("list", { ...files, "labels.txt": "bolt\nN/A\nN/A\nnut\n" });
    expect([...(await readDataset(root, { labels: join(root, "labels.txt") })).entries[0]!.labels]).toEqual([4]);
  });

  test("count where nobody lists the classes", async () => {
    const root = folder("listed", { "annotations/instances_train.json": JSON.stringify(named([3, "cat"])), "train/a.jpg": jpeg });
    expect((await readDataset(root, { categoryIds: usual, classes: ["cat"] })).classes).toEqual(["cat"]);
  });
});

describe("what the file says", () => {
  test("sparse ids in their order; crowds and ignored boxes flagged; objects known by their ids", async () => {
    const annotations = [
      object(11, 5, [1, 2, 30, 40], { category_id: 90 }),
      object("x", 5, [1, 2, 30.5, 40], { iscrowd: 1 }),
      object(13, 5, [1, 2, 3, 4], { ignore: 1 }),
      object(14, 5, [95, 2, 30, 40]),
      object(15, 5, [1, 2, 0, 40]),
      object(16, 5, [10, 2, -5, 40]),
      object(17, 5, [1, 2, 30]),
      object(18, 5, undefined),
      object(19, 5, [1, 2, "3", 4]),
      object(20, 5, [1, 2, 3, 4], { category_id: 1 }),
      object(21, 6, [1, 2, 3, 4]),
      { image_id: 5, category_id: 7, bbox: [1, 2, null, 4] },
    ];
    const root = folder("all", { "annotations/instances_train.json": content([image(5, "a.jpg")], annotations), "train/a.jpg": jpeg });
    const dataset = await readDataset(root);
    expectConsistent(dataset);
    expect(dataset.classes).toEqual(["cat", "dog"]);
    expect([...dataset.entries[0]!.labels]).toEqual([2, 1, 1, 1]);
    expect([...dataset.entries[0]!.flags]).toEqual([0, CROWD, DIFFICULT, 0]);
    expect(dataset.counts.boxes).toEqual({ found: 12, ok: 3, repaired: 1, rejected: 8 });
    const file = "annotations/instances_train.json";
    expect(summary(dataset)).toEqual([
      `${file} #14 clipped repaired: box [95, 2, 125, 42] of cat: it is cut to the picture of 100 x 80 pixels`,
      `${file} #15 no-area rejected: bbox [1, 2, 0, 40] of cat has no width`,
      `${file} #16 no-area rejected: bbox [10, 2, -5, 40] of cat has no width`,
      `${file} #17 no-box rejected: bbox [1, 2, 30] of cat is not [x, y, width, height]`,
      `${file} #18 no-box rejected: the cat has no bbox`,
      `${file} #19 not-a-number rejected: bbox [1, 2, "3", 4] of cat is not four numbers`,
      `${file} #20 unknown-class rejected: category 1 is not listed`,
      `${file} #12 of the list not-a-number rejected: bbox [1, 2, null, 4] of cat is not four numbers`,
      `${file} #21 unknown-picture rejected: picture 6 is not listed`,
    ]);
  });

  test("pictures: missing, listed twice, turned, of another size, without boxes, of one name but two endings", async () => {
    const images = [
      image(1, "a.jpg"),
      image(2, "a.png"),
      image(3, "none.jpg"),
      image(1, "b.jpg"),
      image(4, "turned.jpg"),
      image(5, "small.jpg", { width: 200, height: 160 }),
      image(6, ""),
      image(7, "../secret.jpg"),
    ];
    const annotations = [object(1, 1, [1, 2, 3, 4]), object(2, 3, [1, 2, 3, 4]), object(3, 4, [1, 2, 3, 4]), object(4, 5, [150, 2, 3, 4])];
    const pictures = { "train/a.jpg": jpeg, "train/a.png": png, "train/b.jpg": jpeg, "train/turned.jpg": turned, "train/small.jpg": jpeg };
    const root = folder("pictures", { "annotations/instances_train.json": content(images, annotations), ...pictures });
    writeFiles(scratch, { "secret.jpg": jpeg });
    const dataset = await readDataset(root, { split: "train" });
    expectConsistent(dataset);
    expect(dataset.entries.map(({ id }) => id)).toEqual(["a.jpg", "a.png"]);
    const messages = dataset.problems.map(({ image, kind, message }) => `${image} ${kind}: ${message}`);
    expect(messages).toEqual([
      "none missing-picture: there is no picture none.jpg",
      "b (again) duplicate-id: picture 1 is listed more than once",
      "turned rotated: the annotation is for 100 x 80 pixels, the picture has 80 x 100 once it is turned upright as its EXIF orientation asks",
      "small size-mismatch: the annotation is for 200 x 160 pixels, the picture has 100 x 80",
      "picture 6 missing-picture: picture 6 has no file_name",
      '../secret unsafe-path: the file name "../secret.jpg" would lead out of the data set\'s folder',
    ]);
  });

  test("categories: Roboflow's heading is no class, two of one name are one, broken ones are named", async () => {
    const list = [
      { id: 0, name: "cells", supercategory: "none" },
      { id: 1, name: "RBC", supercategory: "cells" },
      { id: 2, name: "WBC", supercategory: "cells" },
      { id: 3, name: "RBC", supercategory: "cells" },
      { id: 1.5, name: "half" },
      { id: 4 },
    ];
    const annotations = [object(1, 5, [1, 2, 3, 4], { category_id: 1 }), object(2, 5, [5, 6, 7, 8], { category_id: 3 })];
    const json = content([image(5, "a.jpg")], annotations, { categories: list });
    const dataset = await readDataset(folder("roboflow", { "train/_annotations.coco.json": json, "train/a.jpg": jpeg }));
    expect(dataset.classes).toEqual(["RBC", "WBC"]);
    expect([...dataset.entries[0]!.labels]).toEqual([1, 1]);
    expect(dataset.problems.map(({ action, message }) => `${action}: ${message}`)).toEqual([
      "note: category cells is a heading of others, not a class",
      "note: category half is not used: its id 1.5 is neither a whole number nor a text",
      "note: category 3 has the name of another, RBC: they are one class",
      "note: category 4 is not used: it has no name",
    ]);
  });
});

describe("what JavaScript gets wrong about JSON", () => {
  test("ids beyond 2^53 are refused: two of them would be one", async () => {
    const json = `{"images": [{"id": 9007199254740993, "file_name": "a.jpg"}, {"id": 5, "file_name": "b.jpg"}],
      "annotations": [{"id": 1, "image_id": 9007199254740992, "category_id": 7, "bbox": [1, 2, 3, 4]},
        {"id": 9007199254740993, "image_id": 5, "category_id": 7, "bbox": [1, 2, 3, 4]},
        {"id": 3, "image_id": 5, "category_id": 9007199254740993, "bbox": [1, 2, 3, 4]}],
      "categories": [{"id": 7, "name": "cat"}]}`;
    const root = folder("big", { "annotations/instances_train.json": json, "train/a.jpg": jpeg, "train/b.jpg": jpeg });
    const dataset = await readDataset(root);
    expectConsistent(dataset);
    expect(dataset.entries.map(({ id }) => id)).toEqual(["b"]);
    const file = "annotations/instances_train.json";
    expect(summary(dataset)).toEqual([
      `${file} unsafe-id rejected: the picture's id 9007199254740992 is too large to be exact`,
      `${file} #3 unknown-class rejected: category_id 9007199254740992 is too large to be exact`,
      `${file} #1 unknown-picture rejected: image_id 9007199254740992 is too large to be exact`,
    ]);
  });

  test("1e309 is no number, __proto__ no prototype, 200,000 lists in one another no end", async () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    const json = `{"images": [{"id": 5, "file_name": "a.jpg", "__proto__": {"width": 3}}],
      "annotations": [{"id": 1, "image_id": 5, "category_id": 7, "bbox": [1, 2, 1e309, 4]},
        {"id": 2, "image_id": 5, "category_id": 7, "bbox": [1, 2, NaN, 4]},
        {"id": 3, "image_id": 5, "category_id": 7, "bbox": ${deep}},
        {"id": ${deep}, "image_id": ${deep}, "category_id": ${deep}, "bbox": [1, 2, 3, 4]},
        {"id": 5, "image_id": 5, "category_id": 7, "__proto__": {"bbox": [1, 2, 3, 4]}},
        {"id": 6, "image_id": 5, "category_id": 8, "bbox": [1, 2, 3, 4]}, 7, null],
      "categories": [{"id": 7, "name": "__proto__"}, {"id": 8, "name": "constructor"}], "__proto__": {"polluted": ${deep}}}`;
    const start = performance.now();
    const dataset = await readDataset(folder("tricks", { "annotations/instances_train.json": json, "train/a.jpg": jpeg }));
    expect(performance.now() - start).toBeLessThan(2000);
    expectConsistent(dataset);
    expect(dataset.classes).toEqual(["__proto__", "constructor"]);
    expect([...dataset.entries[0]!.labels]).toEqual([2]);
    expect(dataset.counts.boxes).toEqual({ found: 8, ok: 1, repaired: 0, rejected: 7 });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

test("what is no COCO file is refused with one message", async () => {
  const root = folder("refused", { "annotations/instances_train.json": "{", "annotations/instances_val.json": "[]" });
  const file = join(root, "annotations");
  expect(await messageOf(readDataset(root, { split: "train" }))).toBe(
    `${file}/instances_train.json: this is not JSON. Write the file again; it may have been cut off.`,
  );
  expect(await messageOf(readDataset(root, { split: "val" }))).toBe(
    `${file}/instances_val.json: there is no list "images". Give a COCO annotation file (instances_….json).`,
  );
  expect(await messageOf(readDataset(root, { split: "test" }))).toBe(`${root}: no split test. There are train, val.`);
});
