import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodePicture } from "@singleshot/vision/node";
import { beforeAll, describe, expect, test } from "vitest";
import { annotationXml, type Ended, objectXml, singleshot, temporaryFolder, tinyRecipe, writeTinyData } from "../testing/index.js";

const cwd = temporaryFolder();
const at = (...names: string[]) => join(cwd, ...names);
const readJson = (name: string) => JSON.parse(readFileSync(at(name), "utf8"));
const RUN = join("runs", "tiny-1");
let training: Ended;

beforeAll(async () => {
  await writeTinyData(at("photos"));
  const objects = [objectXml("nut", [5, 5, 40, 40]), objectXml("bolt", [9, 9, 9, 30])];
  writeFileSync(at("photos/Annotations/part-03.xml"), annotationXml("part-03.png", objects));
  writeFileSync(at("tiny.json"), JSON.stringify({ ...tinyRecipe, data: { ...tinyRecipe.data, workers: 0 } }));
  training = await singleshot(["train", "--recipe", "tiny.json", "--data", "photos", "--seed", "3"], { cwd });
}, 60_000);

/** What depends on the machine or on chance made the same everywhere. */
const settled = (text: string) =>
  text
    .replace(/\d+\.\d{3}\b/g, "#.###")
    .replace(/, \d+ s$/gm, ", # s")
    .replace(/ \(best\)/g, "")
    .replace(/Best: epoch \d/, "Best: epoch #")
    .replace(/(?<=^(?:bolt|nut|mean) +\d+) +\d+/gm, " ###");

const TABLE = `COCO: average precision over IoU 0.50 to 0.95; 4 pictures

class  ground truth  detections     AP   AP50
bolt              1 ###  #.###  #.###
nut               8 ###  #.###  #.###
mean              9 ###  #.###  #.###

                                 all  small      medium       large
AP                             #.###  #.###  no objects  no objects
AP50                           #.###
AP75                           #.###
recall, 1 detection a picture  #.###
recall, 10 detections          #.###
recall, 100 detections         #.###  #.###  no objects  no objects
`;

describe("train", () => {
  test("says what was found, what was left out, how each epoch went, how good it is, and what comes next", () => {
    const { code, stdout, stderr } = training;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(settled(stdout)).toBe(`train: 8 pictures, 18 boxes: 7 bolt, 11 nut
1 box left out:
  Annotations/part-03.xml, line 8, object 2: box [9, 9, 9, 30] of bolt has no width
test: 4 pictures, 9 boxes: 1 bolt, 8 nut

the run is runs/tiny-1; Ctrl-C saves and stops

epoch 1/2: loss #.###, mAP #.###, AP50 #.###, # s
epoch 2/2: loss #.###, mAP #.###, AP50 #.###, # s

${TABLE}
Best: epoch #, mAP #.###. Its weights: runs/tiny-1/checkpoints/best.pth
The report: runs/tiny-1/report.html

Next:
  npx singleshot eval runs/tiny-1 --data photos --split test
  npx singleshot predict runs/tiny-1 PICTURE --out found
`);
  });

  test("writes a run that explains itself", () => {
    const names = readdirSync(at(RUN)).map((name) => name.replace(/\d+/g, "0"));
    expect(names.sort()).toEqual([
      "checkpoints",
      "config.json",
      "events.out.tfevents.0.singleshot.0",
      "labels.txt",
      "metrics.jsonl",
      "report.html",
    ]);
    const { recipe, classes, data } = readJson("runs/tiny-1/config.json");
    expect([recipe.name, recipe.training.seed, recipe.evaluation.split]).toEqual(["tiny", 3, "test"]);
    expect({ classes, data }).toEqual({ classes: ["bolt", "nut"], data: { root: at("photos"), dataset: "voc", split: "train" } });
  });

  test("refuses a folder in which a run is", async () => {
    const { code, stderr } = await singleshot(["train", "--recipe", "tiny.json", "--data", "photos", "--out", RUN], { cwd });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "runs/tiny-1: a run is in this folder already. Use --resume to go on with it, or another --out.\n",
    });
  });

  test("goes on with the latest run for more epochs", async () => {
    const { code, stdout, stderr } = await singleshot(["train", "--resume", "--epochs", "3"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.match(/^(going on|epoch).*\//gm)).toEqual(["going on with runs/", "epoch 3/"]);
    expect(readJson("runs/tiny-1/config.json").recipe.schedule.epochs).toBe(3);
    const again = await singleshot(["train", "--resume", RUN], { cwd });
    expect(again.stdout).toContain("\nAll 3 epochs are done; `--resume runs/tiny-1 --epochs N` with a larger N goes on.\n");
  });
});

describe("eval", () => {
  test("prints a table and writes JSON", async () => {
    const { code, stdout, stderr } = await singleshot(["eval", RUN, "--data", "photos", "--json", "result.json"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(settled(stdout)).toBe(`test: 4 pictures, 9 boxes: 1 bolt, 8 nut\n\n${TABLE}`);
    const result = readJson("result.json");
    const number = expect.any(Number);
    expect(result).toEqual({
      protocol: "coco",
      map: number,
      ap50: number,
      ap75: number,
      coco: Array(12).fill(number),
      classes: ["bolt", "nut"].map((name) => ({ name, ap: number, ap50: number, groundTruth: number, detections: number })),
      images: 4,
      durationMs: number,
    });
  });

  test("keeps standard output for JSON alone when it goes there", async () => {
    const { stdout, stderr } = await singleshot(["eval", RUN, "--data", "photos", "--split", "train", "--protocol", "voc07", "--json"], {
      cwd,
    });
    expect(JSON.parse(stdout)).toMatchObject({ protocol: "voc07", images: 8 });
    expect(stderr).toContain("Pascal VOC 2007: average precision at 11 points, IoU 0.5; 8 pictures");
  });

  test("takes what any detector found, in COCO's formats", async () => {
    const truth = {
      images: [{ id: 1 }],
      annotations: [{ id: 1, image_id: 1, category_id: 5, bbox: [1, 2, 30, 40] }],
      categories: [{ id: 5, name: "nut" }],
    };
    writeFileSync(at("truth.json"), JSON.stringify(truth));
    writeFileSync(at("found.json"), JSON.stringify([{ image_id: 1, category_id: 5, bbox: [1, 2, 30, 40], score: 0.9 }]));
    const { code, stdout } = await singleshot(["eval", "--detections", "found.json", "--annotations", "truth.json", "--json"], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ map: expect.closeTo(1), classes: [{ name: "nut", groundTruth: 1, detections: 1 }] });
  });
});

describe("predict", () => {
  test("lists, draws, and writes JSON and COCO results; a broken picture is named and left out", async () => {
    writeFileSync(at("broken.jpg"), "no picture");
    const before = readFileSync(at("photos/JPEGImages/part-01.png"));
    const args = ["predict", RUN, "photos/JPEGImages/part-*.png", "broken.jpg", "--out", "found", "--score", "0"];
    const { code, stdout, stderr } = await singleshot([...args, "--json", "p.json", "--coco", "c.json"], { cwd });
    expect(code).toBe(0);
    expect(stderr).toBe("left out: broken.jpg: not a picture of a format that is read (jpeg, png, gif, webp, tiff)\n");
    expect(stdout.split("\n")).toHaveLength(12 + 3);
    expect(stdout).toMatch(/^photos\/JPEGImages\/part-01.png {2}\d+ (nut|bolt), \d+ (nut|bolt)\n/);
    expect(stdout).toMatch(/\n\nThe pictures with their boxes: found\n$/);

    const { model, images } = readJson("p.json");
    expect([model, images.length]).toEqual(["runs/tiny-1/checkpoints/best.pth", 12]);
    expect(images[0]).toMatchObject({ file: "photos/JPEGImages/part-01.png", width: 64, height: 64 });
    const [best] = images[0].detections;
    expect(best).toEqual({ label: ["bolt", "nut"][best.labelId - 1], labelId: best.labelId, score: best.score, box: best.box });
    const [x1, y1, x2, y2] = best.box;
    const [first] = readJson("c.json");
    expect(first).toMatchObject({ image_id: "part-01", category_id: best.labelId, score: best.score });
    expect(first.bbox).toEqual([x1, y1, x2 - x1, y2 - y1].map((value) => expect.closeTo(value, 2)));

    expect(readdirSync(at("found"))).toHaveLength(12);
    expect((await decodePicture(at("found/part-01.png"))).width).toBe(480); // small pictures are enlarged
    expect(readFileSync(at("photos/JPEGImages/part-01.png"))).toEqual(before);
  });

  test("reads a picture or names from standard input", async () => {
    const picture = await singleshot(["predict", RUN, "-", "--json"], { cwd, input: readFileSync(at("photos/JPEGImages/part-02.png")) });
    expect(JSON.parse(picture.stdout).images).toMatchObject([{ file: "-", width: 64, height: 64 }]);
    const names = await singleshot(["predict", RUN, "-", "--json"], { cwd, input: "photos/JPEGImages/part-02.png\nnone.png\n" });
    expect(JSON.parse(names.stdout).images).toMatchObject([{ file: "photos/JPEGImages/part-02.png" }]);
    expect(names.stderr).toContain("left out: none.png: no such file\n");
  });

  test("ends with 2 when no picture could be read", async () => {
    const { code, stdout, stderr } = await singleshot(["predict", RUN, "tiny.json"], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^left out: tiny\.json: .*\nno picture could be read\. Each is named above\.\n$/);
  });
});
