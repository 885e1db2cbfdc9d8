import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, parse } from "node:path";
import { decodePicture, encodePicture } from "@singleshot/vision/node";
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

/** A JPEG file's bytes with an EXIF orientation written in. */
function withOrientation(jpeg: Uint8Array, orientation: number): Uint8Array {
  const tag = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
  const exif = [...Buffer.from("Exif\0\0MM\0*"), 0, 0, 0, 8, 0, 1, ...tag, 0, 0, 0, 0];
  return Uint8Array.from([...jpeg.subarray(0, 2), 0xff, 0xe1, 0, exif.length + 2, ...exif, ...jpeg.subarray(2)]);
}

/** What depends on the machine or on chance made the same everywhere. */
const settled = (text: string) =>
  text
    .replace(/^(?:epoch \d\/\d, step .* left|evaluating, .* pictures)\n/gm, "") // how far it is, every ten seconds of a slow machine
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
    expect(settled(stdout)).toBe(`photos is read as Pascal VOC (--dataset voc)
train: 8 pictures, 18 boxes: 7 bolt, 11 nut
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
    expect(settled(stdout)).toBe(`photos is read as Pascal VOC (--dataset voc)\ntest: 4 pictures, 9 boxes: 1 bolt, 8 nut\n\n${TABLE}`);
    const result = readJson("result.json");
    const number = expect.any(Number);
    expect(result).toEqual({
      protocol: "coco",
      map: number,
      ap50: number,
      ap75: number,
      coco: [number, number, number, number, null, null, number, number, number, number, null, null],
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

  test("counts as pytorch-ssd does, and leaves its files", async () => {
    const args = [
      "eval",
      RUN,
      "--data",
      "photos",
      "--protocol",
      "jetson-voc07",
      "--match-iou",
      "0.3",
      "--top-k",
      "5",
      "--class-files",
      "eval_results",
    ];
    const { code, stdout } = await singleshot([...args, "--json", "jetson.json"], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain("Pascal VOC 2007 as in pytorch-ssd: average precision at 11 points, IoU 0.3; 4 pictures");
    expect(stdout).toMatch(/\n\nWhat was found, a file for each class: eval_results\n$/);
    const { classes } = readJson("jetson.json");
    const files = readdirSync(at("eval_results"));
    expect(files).toEqual(["det_test_bolt.txt", "det_test_nut.txt"]);
    const lines = files.map((name) => readFileSync(at("eval_results", name), "utf8").split("\n").slice(0, -1));
    expect(lines.map(({ length }) => length)).toEqual(classes.map(({ detections }: { detections: number }) => detections));
    expect(lines.flat()).toHaveLength(4 * 5); // the best five of each picture
    for (const line of lines.flat()) expect(line).toMatch(/^part-\d\d\t[\d.e-]+(\t[\d.]+){4}$/);
  });
});

describe("predict", () => {
  test("lists, draws, and writes JSON and COCO results; a broken picture is named and left out", async () => {
    writeFileSync(at("broken.jpg"), "no picture");
    const before = readFileSync(at("photos/JPEGImages/part-01.png"));
    const args = ["predict", RUN, "photos/JPEGImages/part-*.png", "broken.jpg", "--out", "found", "--score", "0"];
    const { code, stdout, stderr } = await singleshot([...args, "--json", "p.json", "--coco", "c.json"], { cwd });
    expect(code).toBe(0);
    expect(stderr).toBe("left out: broken.jpg: not a picture of a format that is read (jpeg, png, gif, webp, tiff, bmp)\n");
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

  test("cuts out what is found, the best of each picture", async () => {
    const args = ["predict", RUN, "photos/JPEGImages/part-01.png", "photos/JPEGImages/part-02.png", "--score", "0", "--top-k", "2"];
    const { code, stdout, stderr } = await singleshot([...args, "--crops", "parts", "--json", "two.json"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/\n\nWhat was found, cut out: parts\n$/);
    const { images } = readJson("two.json");
    for (const { file, detections } of images) {
      expect(detections).toHaveLength(2);
      for (const [k, { label, box }] of detections.entries()) {
        const { width, height } = await decodePicture(at("parts", label, `${parse(file).name}-${k + 1}.png`));
        const [x1, y1, x2, y2] = box;
        expect([width, height]).toEqual([Math.ceil(x2) - Math.floor(x1), Math.ceil(y2) - Math.floor(y1)]);
      }
    }
  });

  test("suppresses as the flags say", async () => {
    const count = async (...flags: string[]) => {
      const { stdout } = await singleshot(["predict", RUN, "photos/JPEGImages/part-01.png", "--score", "0.001", "--json", ...flags], {
        cwd,
      });
      return JSON.parse(stdout).images[0].detections.length;
    };
    const own = await count();
    expect(await count("--iou", "0.1")).toBeLessThan(own);
    expect(await count("--iou", "0.1", "--class-agnostic")).toBeLessThan(await count("--iou", "0.1"));
    expect(await count("--nms", "soft", "--top-k", "1000")).toBeGreaterThan(await count("--iou", "0.1", "--top-k", "1000"));
  });

  test("gives boxes in pixels of the picture as it is seen", async () => {
    const upright = await encodePicture({ data: new Uint8Array(3 * 96 * 64).fill(90), width: 96, height: 64 }, ".jpg");
    writeFileSync(at("turned.jpg"), withOrientation(upright, 6)); // a quarter turn
    const { stdout } = await singleshot(["predict", RUN, "turned.jpg", "--score", "0", "--json"], { cwd });
    const [{ width, height, detections }] = JSON.parse(stdout).images;
    expect([width, height]).toEqual([64, 96]);
    expect(Math.max(...detections.map(({ box }: { box: number[] }) => box[3]!))).toBeGreaterThan(64);
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
