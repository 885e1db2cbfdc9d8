import { join } from "node:path";
import { expect, test } from "vitest";
import { readDataset } from "../read.js";
import { expectConsistent, jpeg, messageOf, png, scratchFolder, summary, writeFiles } from "../testing/index.js";

const scratch = scratchFolder();
const folder = (name: string, files: Record<string, string | Uint8Array>) => writeFiles(join(scratch, name), files);

test("the tutorial's lines: y before x, classes from 1, background as zeros or as a name alone", async () => {
  const root = folder("tutorial", {
    "voc_train.txt": "2012_1.jpg 10 19 17 22 2 23 9 29 22 1\nzeros.jpg 0 0 0 0 0\nalone.jpg\nwith space.png 1 2 3 4 1\n",
    "labels.txt": "__background__\ncat\ndog\n",
    "JPEGImages/2012_1.jpg": jpeg,
    "JPEGImages/zeros.jpg": jpeg,
    "JPEGImages/alone.jpg": jpeg,
    "JPEGImages/with space.png": png,
  });
  const dataset = await readDataset(root, { split: "train" });
  expectConsistent(dataset);
  expect([dataset.split, dataset.classes, dataset.problems]).toEqual(["voc_train", ["cat", "dog"], []]);
  expect(dataset.entries.map(({ id }) => id)).toEqual(["2012_1", "zeros", "alone", "with space"]);
  expect([...dataset.entries[0]!.boxes]).toEqual([19, 10, 22, 17, 9, 23, 22, 29]);
  expect([...dataset.entries[0]!.labels]).toEqual([2, 1]);
  expect(dataset.counts.images).toMatchObject({ ok: 2, background: 2 });
});

test("without labels.txt the numbers are the names", async () => {
  const root = folder("numbers", { "train.txt": "a.jpg 1 2 3 4 2\n", "val.txt": "b.jpg 1 2 3 4 3\n", "a.jpg": jpeg, "b.jpg": jpeg });
  expect((await readDataset(root, { split: "train" })).classes).toEqual(["1", "2", "3"]);
});

test("every defect is named with its line", async () => {
  const root = folder("defects", {
    "train.txt": [
      "a.jpg 1 2 3 4 1 5 6 5 8 1 9 8 3 4 2 1 2 x 4 1 1 2 3 4 7 1 2 3",
      "none.jpg 1 2 3 4 1",
      "../secret.jpg 1 2 3 4 1",
      "a.jpg 1 2 3 4 2",
      "broken.jpg 1 2 3 4 1",
    ].join("\n"),
    "labels.txt": "cat\ndog\n",
    "images/a.jpg": jpeg,
    "images/broken.jpg": jpeg.subarray(0, 100),
  });
  const dataset = await readDataset(root);
  expectConsistent(dataset);
  expect(dataset.counts.boxes).toEqual({ found: 10, ok: 1, repaired: 1, rejected: 8 });
  expect(summary(dataset)).toEqual([
    "train.txt:1 #2 no-area rejected: box [6, 5, 8, 5] of cat has no height",
    "train.txt:1 #3 swapped-corners repaired: box [8, 9, 4, 3] of dog: its corners are swapped",
    'train.txt:1 #4 not-a-number rejected: "x" in 1 2 x 4 1 is not a number',
    "train.txt:1 #5 unknown-class rejected: class 7 of 1 2 3 4 7 is not among the classes 1 to 2",
    "train.txt:1 #6 no-box rejected: 1 2 3 is not y1 x1 y2 x2 class",
    "train.txt:2 missing-picture rejected: there is no picture none.jpg",
    'train.txt:3 unsafe-path rejected: the file name "../secret.jpg" would lead out of the data set\'s folder',
    "train.txt duplicate-id rejected: a is listed more than once",
    expect.stringMatching(/^train\.txt broken-picture rejected: /),
  ]);
});

test("a class number beyond all reason does not fill the memory", async () => {
  const root = folder("huge", { "train.txt": "a.jpg 1 2 3 4 1 1 2 3 4 9007199254740993 1 2 3 4 999999999\n", "a.jpg": jpeg });
  const dataset = await readDataset(root);
  expect(dataset.classes).toEqual(["1"]);
  expect(dataset.counts.boxes).toEqual({ found: 3, ok: 1, repaired: 0, rejected: 2 });
});

test("other text files are no lists", async () => {
  const root = folder("prose", { "README.txt": "x.jpg 1 2 3 4 5\n", "notes.txt": "Pictures of 2012.\n" });
  expect(await messageOf(readDataset(root))).toMatch(/holds no data set that is recognised/);
});
