import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readDataset } from "../read.js";
import { expectConsistent, jpeg, messageOf, png, scratchFolder, summary, writeFiles } from "../testing/index.js";

const scratch = scratchFolder();
const folder = (name: string, files: Record<string, string | Uint8Array>) => writeFiles(join(scratch, name), files);

test("the whole picture is one object of its folder's class", async () => {
  const root = folder("plain", { "dog/b.png": png, "cat/a.jpg": jpeg, "cat/a.png": png });
  const dataset = await readDataset(root);
  expectConsistent(dataset);
  expect([dataset.classes, dataset.problems]).toEqual([["cat", "dog"], []]);
  expect(dataset.entries.map(({ id, labels }) => [id, ...labels])).toEqual([
    ["cat/a.jpg", 1],
    ["cat/a.png", 1],
    ["dog/b", 2],
  ]);
  expect([...dataset.entries[0]!.boxes]).toEqual([0, 0, 100, 80]);
});

test("splits number the classes alike, though one lacks a class", async () => {
  const root = folder("splits", { "train/cat/a.jpg": jpeg, "train/dog/b.jpg": jpeg, "val/dog/b.jpg": jpeg });
  const dataset = await readDataset(root, { split: "val" });
  expect([dataset.classes, [...dataset.entries[0]!.labels]]).toEqual([["cat", "dog"], [2]]);
  expect((await readDataset(root)).entries.map(({ id }) => id)).toEqual(["cat/a", "train/dog/b", "val/dog/b"]);
  expect(await messageOf(readDataset(root, { split: "test" }))).toBe(`${root}: no split test. There are train, val.`);
});

test("broken pictures and links out of the folder are named", async () => {
  const root = folder("defects", { "cat/a.jpg": jpeg, "cat/broken.jpg": "x", "dog/b.jpg": jpeg });
  writeFiles(scratch, { "secret.jpg": jpeg });
  symlinkSync(join(scratch, "secret.jpg"), join(root, "dog/link.jpg"));
  const dataset = await readDataset(root);
  expectConsistent(dataset);
  expect(summary(dataset)).toEqual([
    "cat/broken.jpg broken-picture rejected: not a picture of a format that is read (jpeg, png, gif, webp, tiff, bmp)",
    "dog/link.jpg unsafe-path rejected: a link to a place outside the data set's folder",
  ]);
});
