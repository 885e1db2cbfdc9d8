import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readVoc } from "@singleshot/vision/node";
import { expect, test } from "vitest";
import { annotationXml, objectXml, temporaryFolder, writeTinyData } from "../testing/index.js";
import { describeDataset } from "./describe.js";

test("a list that stands for another is named", async () => {
  const root = temporaryFolder();
  await writeTinyData(root);
  const folder = join(root, "ImageSets", "Main");
  renameSync(join(folder, "train.txt"), join(folder, "default.txt"));
  rmSync(join(folder, "test.txt"));
  expect(describeDataset(await readVoc(root, { split: "test" }))).toBe(`test: 8 pictures, 20 boxes: 10 bolt, 10 nut
note: ImageSets/Main/default.txt: there is no list test, so default.txt is taken: where it stands for training and for testing, both see the same pictures`);
});

test("every box that is left out is named", async () => {
  const root = temporaryFolder();
  await writeTinyData(root);
  const objects = [objectXml("nut", [5, 5, 40, 40]), objectXml("bolt", [20, 30, 20, 44]), objectXml("nut", [40, 40, 90, 60])];
  writeFileSync(join(root, "Annotations", "part-03.xml"), annotationXml("part-03.png", objects));
  writeFileSync(join(root, "JPEGImages", "part-05.png"), "no picture");
  const dataset = await readVoc(root, { split: "train" });
  expect(describeDataset(dataset)).toBe(`train: 7 pictures, 16 boxes: 7 bolt, 9 nut
1 picture left out, 4 boxes left out, 1 box repaired:
  Annotations/part-03.xml, line 8, object 2: box [20, 30, 20, 44] of bolt has no width
  Annotations/part-03.xml, line 12, object 3: box [40, 40, 90, 60] of nut: it is cut to the picture of 64 x 64 pixels
  Annotations/part-05.xml: not a picture of a format that is read (jpeg, png, gif, webp, tiff, bmp)`);
});
