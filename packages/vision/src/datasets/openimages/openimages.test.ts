import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CROWD } from "../../sample.js";
import { readDataset } from "../read.js";
import { expectConsistent, jpeg, messageOf, scratchFolder, summary, turned, writeFiles } from "../testing/index.js";

const scratch = scratchFolder();
const folder = (name: string, files: Record<string, string | Uint8Array>) => writeFiles(join(scratch, name), files);

const HEADER = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside";
const SUB = `${HEADER},ClassName`;

describe("jetson's files", () => {
  const root = folder("jetson", {
    "sub-train-annotations-bbox.csv": [
      SUB,
      "b2,xclick,/m/1,1,0.1,0.5,0.25,0.75,0,1,0,0,0,Banana",
      "a1,xclick,/m/2,1,0.2,0.4,0.5,1,1,0,1,0,0,Apple",
      'a1,xclick,/m/3,1,0.2,0.4,0.5,1,0,0,0,0,0,"Knife, sharp"',
    ].join("\r\n"),
    "sub-test-annotations-bbox.csv": `\uFEFF${SUB}\nc3,x,/m/4,1,0,1,0,1,0,0,0,0,0,Pear\n`,
    "train/a1.jpg": jpeg,
    "train/b2.JPG": jpeg,
    "test/c3.jpg": jpeg,
  });

  test("boxes in pixels, pictures by id, groups flagged as crowds", async () => {
    const dataset = await readDataset(root, { split: "train" });
    expectConsistent(dataset);
    expect(dataset.problems).toEqual([]);
    expect(dataset.entries.map(({ id }) => id)).toEqual(["a1", "b2"]);
    expect([...dataset.entries[0]!.boxes]).toEqual([20, 40, 40, 80, 20, 40, 40, 80]);
    expect([...dataset.entries[0]!.flags]).toEqual([CROWD, 0]);
    expect([...dataset.entries[1]!.boxes]).toEqual([10, 20, 50, 60]);
  });

  test("groups are objects like others where they are to be, as for pytorch-ssd", async () => {
    const { entries } = await readDataset(root, { split: "train", groups: "objects" });
    expect([...entries[0]!.flags]).toEqual([0, 0]);
  });

  test("all splits number the classes alike", async () => {
    const classes = ["Apple", "Banana", "Knife, sharp", "Pear"];
    for (const split of ["train", "test"]) expect((await readDataset(root, { split })).classes).toEqual(classes);
    expect((await readDataset(root)).classes).toEqual(classes);
  });
});

test("the original files: labels are named by their descriptions, val is validation", async () => {
  const root = folder("original", {
    "class-descriptions-boxable.csv": "/m/2,Apple\n/m/1,Banana\n",
    "validation-annotations-bbox.csv": `${HEADER}\nb2,xclick,/m/1,1,0.1,0.5,0.25,0.75,0,1,0,0,0\nb2,xclick,/m/9,1,0.1,0.5,0.25,0.75,0,1,0,0,0\n`,
    "validation/b2.jpg": jpeg,
  });
  const dataset = await readDataset(root, { split: "val" });
  expect([dataset.split, dataset.classes]).toEqual(["validation", ["/m/9", "Banana"]]);
});

test("every defect is named with its line", async () => {
  const row = (id: string, box: string, name = "Apple") => `${id},x,/m/1,1,${box},0,0,0,0,0,${name}`;
  const root = folder("defects", {
    "labels.txt": "Apple\n",
    "sub-train-annotations-bbox.csv": [
      SUB,
      row("a", "0.1,0.5,0.25,0.75"),
      row("a", "0.5,0.5,0.25,0.75"),
      row("a", "0.6,0.5,0.25,0.75"),
      row("a", "0.6,1.5,0.25,0.75"),
      row("a", "0.6,1.000001,0.25,0.75"),
      row("a", "x,0.5,0.25,0.75"),
      row("a", "0.1,0.5,0.25,0.75", "Aple"),
      "a,x",
      row("none", "0.1,0.5,0.25,0.75"),
      row("../secret", "0.1,0.5,0.25,0.75"),
      row("turned", "0.1,0.5,0.25,0.75"),
    ].join("\n"),
    "train/a.jpg": jpeg,
    "train/turned.jpg": turned,
  });
  writeFiles(scratch, { "secret.jpg": jpeg });
  const dataset = await readDataset(root);
  expectConsistent(dataset);
  expect(dataset.counts.boxes).toEqual({ found: 11, ok: 3, repaired: 2, rejected: 6 });
  const file = "sub-train-annotations-bbox.csv";
  expect(summary(dataset)).toEqual([
    `${file} unsafe-path rejected: the file name "../secret.jpg" would lead out of the data set's folder`,
    `${file}:3 #2 no-area rejected: box [50, 20, 50, 60] of Apple has no width`,
    `${file}:4 #3 swapped-corners repaired: box [60, 20, 50, 60] of Apple: its corners are swapped`,
    `${file}:5 #4 clipped repaired: box [60, 20, 150, 60] of Apple: it is cut to the picture of 100 x 80 pixels`,
    `${file}:7 #6 not-a-number rejected: XMin is "x", not a number`,
    `${file}:8 #7 unknown-class rejected: class Aple is not in the list of classes; is Apple meant?`,
    `${file}:9 #8 not-a-number rejected: XMin is "", not a number`,
    `${file}:6 #5 duplicate-box note: box [60, 20, 100, 60] of Apple is there already`,
    `${file} missing-picture rejected: there is no picture none.jpg`,
    `${file} exif-orientation note: the picture is turned upright as its EXIF orientation asks: were the boxes drawn on it upright?`,
  ]);
});

test("what is no such table is refused with one message", async () => {
  const file = "train-annotations-bbox.csv";
  const refused = async (name: string, text: string) => {
    const root = folder(name, { [file]: text });
    return (await messageOf(readDataset(root))).replace(root, "ROOT");
  };
  expect(await refused("columns", "ImageID,XMin\n")).toBe(
    `ROOT/${file}, line 1: there is no column YMin, XMax, YMax, ClassName. Give an annotation file of Open Images.`,
  );
  expect(await refused("empty", "")).toBe(`ROOT/${file}: the file is empty`);
  expect(await refused("quote", `${SUB}\n"a,1\n`)).toMatch(
    /^ROOT\/train-annotations-bbox\.csv, line \d: the parsing is finished with an opening quote/,
  );
});
