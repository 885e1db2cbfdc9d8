import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readDataset } from "../read.js";
import { expectConsistent, jpeg, messageOf, scratchFolder, summary, writeFiles } from "../testing/index.js";

const scratch = scratchFolder();
const folder = (name: string, files: Record<string, string | Uint8Array>) => writeFiles(join(scratch, name), files);
const BOX = "1 0.5 0.5 0.2 0.25\n";

describe("layouts", () => {
  const layouts: [name: string, files: Record<string, string | Uint8Array>, split: string | undefined][] = [
    [
      "Ultralytics",
      {
        "data.yaml": "path: ../datasets/x\ntrain: images/train\nval: images/val\nnames:\n  0: cat\n  1: dog\n",
        "images/train/a.jpg": jpeg,
        "labels/train/a.txt": BOX,
      },
      "train",
    ],
    [
      "Roboflow",
      {
        "data.yaml": "train: ../train/images\nval: ../valid/images\nnc: 2\nnames: ['cat', 'dog']\n",
        "valid/images/a.jpg": jpeg,
        "valid/labels/a.txt": BOX,
      },
      "val",
    ],
    [
      "a list of pictures",
      { "data.yaml": "train: train.txt\nnames: [cat, dog]\n", "train.txt": "./images/a.jpg\n", "images/a.jpg": jpeg, "labels/a.txt": BOX },
      "train",
    ],
    [
      "several folders",
      {
        "data.yaml": "train: [images/x, images/y]\nnames: [cat, dog]\n",
        "images/x/a.jpg": jpeg,
        "labels/x/a.txt": BOX,
        "images/y/.keep": "",
      },
      "train",
    ],
    [
      "CVAT, darknet",
      {
        "obj.names": "cat\ndog\n",
        "obj.data": "classes = 2\ntrain = data/train.txt\n",
        "train.txt": "data/obj_train_data/a.jpg\n",
        "obj_train_data/a.jpg": jpeg,
        "obj_train_data/a.txt": BOX,
      },
      "train",
    ],
    ["labelImg: all in one folder", { "classes.txt": "cat\ndog\n", "a.jpg": jpeg, "a.txt": BOX }, undefined],
    ["classes.txt alone", { "classes.txt": "cat\ndog\n", "images/a.jpg": jpeg, "labels/a.txt": BOX }, undefined],
    [
      "an absolute path of elsewhere",
      {
        "data.yaml": "path: /elsewhere/x\ntrain: /elsewhere/x/images/train\nnames: [cat, dog]\n",
        "images/train/a.jpg": jpeg,
        "labels/train/a.txt": BOX,
      },
      "train",
    ],
    [
      "darknet: text files beside the pictures",
      { "data.yaml": "train: obj\nnames: [cat, dog]\n", "obj/a.jpg": jpeg, "obj/a.txt": BOX },
      "train",
    ],
  ];
  for (const [name, files, split] of layouts) {
    test(name, async () => {
      const dataset = await readDataset(folder(name, files), split === undefined ? {} : { split });
      expectConsistent(dataset);
      expect([dataset.problems, dataset.classes]).toEqual([[], ["cat", "dog"]]);
      expect(dataset.entries).toMatchObject([{ id: "a", labels: Int32Array.of(2), boxes: Float32Array.of(40, 30, 60, 50) }]);
    });
  }
});

test("a picture without a text file is background, an outline gives its box, every defect is named with its line", async () => {
  const lines = [
    "0 0.5 0.5 1 1",
    "0 0.1 0.2 0.4 0.2 0.3 0.6",
    "0 0.5 0.5 0 0.1",
    "0 0.5 0.5 -0.1 0.1",
    "2 0.5 0.5 0.1 0.1",
    "cat 0.5 0.5 0.1 0.1",
    "0 0.5 0.5 0.1",
    "0 0.5 x 0.1 0.1",
    "0 320 240 50 60",
    "0 0.98 0.5 0.1 0.1",
    "0 1.9 0.5 0.1 0.1",
  ];
  const root = folder("defects", {
    "data.yaml": "train: images/train\nnames: [cat, dog]\n",
    "images/train/a.jpg": jpeg,
    "images/train/empty.jpg": jpeg,
    "images/train/none.jpg": jpeg,
    "labels/train/a.txt": lines.join("\n"),
    "labels/train/empty.txt": "\n",
    "labels/train/lost.txt": BOX,
  });
  const dataset = await readDataset(root);
  expectConsistent(dataset);
  expect(dataset.counts).toEqual({
    images: { found: 4, ok: 0, background: 2, repaired: 1, rejected: 1 },
    boxes: { found: 12, ok: 2, repaired: 1, rejected: 9 },
  });
  expect([...dataset.entries[0]!.boxes]).toEqual([0, 0, 100, 80, 10, 16, 40, 48, 93, 36, 100, 44].map(Math.fround));
  const file = "labels/train/a.txt";
  expect(summary(dataset)).toEqual([
    `${file}:3 #3 no-area rejected: box 0.5 0.5 0 0.1 of cat has no width`,
    `${file}:4 #4 no-area rejected: box 0.5 0.5 -0.1 0.1 of cat has no width`,
    `${file}:5 #5 unknown-class rejected: class 2 is not in the list of classes, which has 0 to 1`,
    `${file}:6 #6 unknown-class rejected: class cat is not in the list of classes, which has 0 to 1`,
    `${file}:7 #7 no-box rejected: 3 numbers follow the class cat, where four should: centre, width and height`,
    `${file}:8 #8 not-a-number rejected: "x" of cat is not a number`,
    `${file}:9 #9 not-relative rejected: box 320 240 50 60 of cat is not in fractions of the picture's sides`,
    `${file}:10 #10 clipped repaired: box [93, 36, 103, 44] of cat: it is cut to the picture of 100 x 80 pixels`,
    `${file}:11 #11 outside rejected: box [185, 36, 195, 44] of cat lies outside the picture of 100 x 80 pixels`,
    "labels/train/lost.txt missing-picture rejected: there is no picture lost beside its labels",
  ]);
});

test("names and links that lead out of the folder are not followed", async () => {
  writeFiles(scratch, { "secret/a.jpg": jpeg, "secret/a.txt": BOX });
  const root = folder("escape", {
    "data.yaml": `train: ${join(scratch, "secret")}\nval: ../secret\ntest: test.txt\nnames: [cat, dog]\n`,
    "test.txt": ["../secret/a.jpg", join(scratch, "secret/a.jpg"), "https://example.org/a.jpg", "images/link.jpg", "images/b.jpg"].join(
      "\n",
    ),
    "images/b.jpg": jpeg,
    "labels/.keep": "",
  });
  symlinkSync(join(scratch, "secret/a.jpg"), join(root, "images/link.jpg"));
  symlinkSync(join(scratch, "secret/a.txt"), join(root, "labels/b.txt"));
  const dataset = await readDataset(root, { split: "test" });
  expectConsistent(dataset);
  expect(dataset.counts.images).toMatchObject({ found: 5, rejected: 5 });
  expect(dataset.problems.slice(0, 5).map(({ kind }) => kind)).toEqual(Array(5).fill("unsafe-path"));
  expect(await messageOf(readDataset(root, { split: "train" }))).toBe(`${root}: no split train. There is test.`);
});

test("what data.yaml must not be", async () => {
  const bomb = `a: &a [x, x]\n${"bcdefghij".replace(/./g, (key, i: number) => `${key}: &${key} [*${"abcdefghij"[i]}, *${"abcdefghij"[i]}, *${"abcdefghij"[i]}]\n`)}`;
  const cases: [name: string, yaml: string | Uint8Array, message: RegExp][] = [
    ["broken", "names: [cat\ntrain: x", /^ROOT\/data\.yaml, line \d: .+$/],
    ["a list", "- cat\n", /^ROOT\/data\.yaml, line 1: not a YAML file with keys and values$/],
    [
      "without names",
      "train: images/train\n",
      /^ROOT: nothing names the classes\. Add a data\.yaml with names, or classes\.txt with one a line\.$/,
    ],
    [
      "names that are none",
      "names: 5\n",
      /^ROOT\/data\.yaml: names is neither a list nor numbers with names\. Write names: \[cat, dog\]\.$/,
    ],
    [
      "a name that is none",
      "names: [cat, [dog]]\n",
      /^ROOT\/data\.yaml: names: number 2 of them is no name\. Write names: \[cat, dog\]\.$/,
    ],
    ["a bomb of aliases", bomb, /^ROOT\/data\.yaml, line 1: not a YAML file that can be read: Excessive alias count/],
    ["nested without end", `names: ${"[".repeat(50_000)}`, /^ROOT\/data\.yaml, line 1: more than 20 things inside one another$/],
    ["too long", "#".repeat(100_000), /^ROOT\/data\.yaml, line 1: longer than 64 kB$/],
    ["full of anchors", `names: ${"&a ".repeat(20_000)}`, /^ROOT\/data\.yaml, line 1: more than 500 marks that no data\.yaml has$/],
    ["not UTF-8", Uint8Array.of(0x6e, 0xff, 0xfe), /^ROOT\/data\.yaml, line 1: not a text in utf-8$/],
  ];
  for (const [name, yaml, message] of cases) {
    const root = folder(`yaml ${name}`, { "data.yaml": yaml });
    const start = performance.now();
    expect((await messageOf(readDataset(root))).replace(root, "ROOT"), name).toMatch(message);
    expect(performance.now() - start, name).toBeLessThan(2000);
  }
});
