import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { augmentationPresets } from "@singleshot/vision";
import { synthesizeDataset } from "@singleshot/vision/node";
import { beforeAll, describe, expect, test } from "vitest";
import { annotationXml, objectXml, runHere, temporaryFolder, writeTinyData } from "../../testing/index.js";

const folder = temporaryFolder();
const at = (...names: string[]) => join(folder, ...names);
const readJson = (name: string) => JSON.parse(readFileSync(at(name), "utf8"));

/** Runs a command; the tests' folder is FOLDER in what it says. */
async function say(...argv: string[]) {
  const { code, stdout, stderr } = await runHere("data", ...argv.map((word) => word.replace("FOLDER", folder)));
  return { code, stdout: stdout.replaceAll(folder, "FOLDER"), stderr: stderr.replaceAll(folder, "FOLDER") };
}

/** Every file of a folder with its content. */
function digest(root: string): string[] {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map(
      ({ parentPath, name }) =>
        `${parentPath}/${name} ${createHash("sha256")
          .update(readFileSync(join(parentPath, name)))
          .digest("hex")}`,
    )
    .sort();
}

beforeAll(async () => {
  await writeTinyData(at("photos"));
  const objects = [objectXml("nut", [5, 5, 40, 40]), objectXml("bolt", [20, 30, 20, 44]), objectXml("nut", [40, 40, 90, 60])];
  writeFileSync(at("photos/Annotations/part-03.xml"), annotationXml("part-03.png", objects));
  writeFileSync(at("photos/JPEGImages/part-05.png"), "no picture");
  await synthesizeDataset(at("shapes"), { format: "coco", splits: { train: 6, val: 3 }, size: 48 });
  mkdirSync(at("empty"));
});

describe("check", () => {
  test("says what was found, what became of it, and where", async () => {
    expect(await say("check", "FOLDER/photos", "--split", "train")).toEqual({
      code: 0,
      stderr: "",
      stdout: `FOLDER/photos is read as Pascal VOC (--dataset voc)
classes: bolt, nut

          found  ok  background  repaired  rejected
pictures      8   6           0         1         1
boxes        20  15                     1         4

what                      how often
rejected: broken-picture          1
rejected: no-area                 1
repaired: clipped                 1

rejected: Annotations/part-03.xml, line 8, object 2: box [20, 30, 20, 44] of bolt has no width
repaired: Annotations/part-03.xml, line 12, object 3: box [40, 40, 90, 60] of nut: it is cut to the picture of 64 x 64 pixels
rejected: Annotations/part-05.xml: not a picture of a format that is read (jpeg, png, gif, webp, tiff, bmp)
`,
    });
  });

  test("as JSON: dataset, classes, images, boxes, problems; with --details every picture and box", async () => {
    const { code, stdout } = await say("check", "--data", "FOLDER/photos", "--details", "--json");
    const { dataset, classes, images, boxes, problems, details, splits } = JSON.parse(stdout);
    expect({ code, dataset, classes }).toEqual({ code: 0, dataset: "voc", classes: ["bolt", "nut"] });
    expect(splits).toEqual([
      { name: "test", images: 4 },
      { name: "train", images: 8 },
    ]);
    expect(images).toEqual({ found: 12, ok: 10, background: 0, repaired: 1, rejected: 1 });
    expect(boxes.found).toBe(boxes.ok + boxes.repaired + boxes.rejected);
    expect(problems[0]).toEqual({
      file: "Annotations/part-03.xml",
      line: 8,
      annotation: 2,
      image: "part-03",
      kind: "no-area",
      action: "rejected",
      message: "box [20, 30, 20, 44] of bolt has no width",
    });
    expect(details.length).toBe(12);
    expect(details.find(({ image }: { image: string }) => image === "part-03")).toEqual({
      image: "part-03",
      status: "repaired",
      size: [64, 64],
      boxes: [
        { class: "nut", box: [5, 5, 40, 40], status: "ok", result: [5, 5, 40, 40] },
        { class: "bolt", box: [20, 30, 20, 44], status: "rejected", reason: "box [20, 30, 20, 44] of bolt has no width" },
        {
          class: "nut",
          box: [40, 40, 90, 60],
          status: "repaired",
          result: [40, 40, 64, 60],
          reason: "box [40, 40, 90, 60] of nut: it is cut to the picture of 64 x 64 pixels",
        },
      ],
    });
  });

  test("--fix writes a copy without defects; the source stays as it is", async () => {
    const before = digest(at("photos"));
    const { code, stdout } = await say("check", "FOLDER/photos", "--fix", "FOLDER/fixed");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /\nleft out: 1 picture and \d boxes; `singleshot data check` names them\n\nwritten to FOLDER\/fixed \(--dataset voc\)\n$/,
    );
    const again = JSON.parse((await say("check", "FOLDER/fixed", "--json")).stdout);
    expect([again.problems, again.images]).toEqual([[], { found: 11, ok: 11, background: 0, repaired: 0, rejected: 0 }]);
    expect(digest(at("photos"))).toEqual(before);
  });

  test("a set that cannot be used ends with 2, and the JSON says why", async () => {
    mkdirSync(at("lost/Annotations"), { recursive: true });
    writeFileSync(at("lost/Annotations/a.xml"), annotationXml("a.png", []));
    writeFileSync(at("lost/labels.txt"), "nut\n");
    expect((await say("check", "FOLDER/lost", "--json=FOLDER/lost.json")).code).toBe(2);
    expect(readJson("lost.json").problems.at(-1)).toMatchObject({ kind: "nothing-usable", action: "fatal" });
    mkdirSync(at("stump/annotations"), { recursive: true });
    writeFileSync(at("stump/annotations/instances_train.json"), "{");
    const { code, stderr } = await say("check", "FOLDER/stump", "--json=FOLDER/stump.json");
    const message = "this is not JSON";
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `FOLDER/stump/annotations/instances_train.json: ${message}. Write the file again; it may have been cut off.\n`,
    });
    expect(readJson("stump.json")).toMatchObject({
      images: { found: 0 },
      problems: [{ file: at("stump/annotations/instances_train.json"), action: "fatal", message }],
    });
  });

  test("files in odd places, and formats that are named", async () => {
    const { stdout } = await say(
      "check",
      "--annotations",
      "FOLDER/shapes/annotations/instances_val.json",
      "--images",
      "FOLDER/shapes/images",
    );
    expect(stdout).toMatch(/^FOLDER\/shapes\/annotations is read as COCO \(--dataset coco\)\nclasses: disc, square, triangle\n/);
    expect((await say("check", "FOLDER/shapes", "--dataset", "coco")).stdout).toMatch(/^classes: /);
  });
});

test("convert, split, subset, stats, synth and show write what they say", async () => {
  expect(await say("convert", "FOLDER/shapes", "--to", "yolo", "--out", "FOLDER/yolo", "--json=FOLDER/yolo.json")).toMatchObject({
    code: 0,
    stderr: "",
  });
  expect(readJson("yolo.json")).toMatchObject({
    dataset: "yolo",
    splits: [
      { name: "train", images: 6 },
      { name: "val", images: 3 },
    ],
    lost: [],
  });
  expect((await say("split", "FOLDER/yolo", "--shares", "train=2,test=1", "--out", "FOLDER/divided")).stdout).toMatch(
    /^train: 6 pictures, \d+ boxes\ntest: 3 pictures, \d+ boxes\n\nwritten to FOLDER\/divided \(--dataset yolo\)\n$/,
  );
  rmSync(at("fixed/ImageSets"), { recursive: true });
  expect((await say("split", "FOLDER/fixed", "--shares", "70/30")).stdout).toMatch(
    /^train: 7 pictures\nval: 4 pictures\n\n7 lists are written:\n {2}FOLDER\/fixed\/ImageSets\/Main\/train\.txt\n/,
  );
  expect((await say("subset", "FOLDER/shapes", "--class-names", "disc", "--out", "FOLDER/discs", "--to", "voc")).code).toBe(0);
  expect(readFileSync(at("discs/labels.txt"), "utf8")).toBe("disc\n");
  expect((await say("stats", "FOLDER/shapes", "--split", "val", "--out", "FOLDER/stats.png", "--json=FOLDER/stats.json")).stdout).toMatch(
    /\n3 pictures, /,
  );
  expect(readJson("stats.json").images).toBe(3);
  expect((await say("synth", "FOLDER/drawn", "--images", "4", "--to", "list")).stdout).toBe("written to FOLDER/drawn (--dataset list)\n");
  expect((await say("show", "FOLDER/drawn", "--augmentation", "ssd", "--count", "2", "--out", "FOLDER/sheet.png")).stdout).toMatch(
    /\n2 of 5 pictures are drawn: FOLDER\/sheet\.png\n$/,
  );
  for (const name of ["stats.png", "sheet.png"]) expect(existsSync(at(name))).toBe(true);
});

test("download fetches plain files and checks their hash", async () => {
  const server = createServer((_, response) => void response.end("hello")).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.on("listening", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a%20file.txt`;
  const sha256 = createHash("sha256").update("hello").digest("hex");
  expect(await say("download", url, "--out", "FOLDER/fetched", "--sha256", sha256)).toMatchObject({
    code: 0,
    stdout: "FOLDER/fetched/a file.txt\n",
  });
  expect(readFileSync(at("fetched/a file.txt"), "utf8")).toBe("hello");
  expect((await say("download", url, "--out", "FOLDER/other", "--sha256", "0".repeat(64))).code).toBe(2);
  expect(readdirSync(at("other"))).toEqual([]);
  server.close();
});

const MESSAGES: [argv: string[], message: string][] = [
  [["check"], "--data is missing. Name the folder of the data set."],
  [["check", "FOLDER/photo"], "--data: no such folder: FOLDER/photo. Did you mean FOLDER/photos?"],
  [
    ["check", "FOLDER/photos", "--split", "trian"],
    "FOLDER/photos: no split trian in ImageSets/Main. There are test, train. Did you mean train?",
  ],
  [["check", "x", "--annotations", "y"], "--annotations stands for --data: name one or the other"],
  [["check", "--annotations", "FOLDER/none.json"], "FOLDER/none.json: no such file or folder"],
  [
    ["check", "FOLDER/photos", "--fix", "FOLDER/photos/fixed"],
    "FOLDER/photos/fixed lies in the data set FOLDER/photos, whose files stay as they are. Name another folder.",
  ],
  [["check", "FOLDER/photos", "--fix", "FOLDER/shapes"], "FOLDER/shapes: there is something in this place already. Name a new folder."],
  [["convert", "FOLDER/photos", "--out", "x"], "--to is missing. `singleshot data convert --help` tells more."],
  [
    ["convert", "FOLDER/photos", "--to", "kitti", "--out", "x"],
    "--to: kitti is not known. It can be voc, coco, openimages, yolo, list, folder. `singleshot data convert --help` tells more.",
  ],
  [
    ["convert", "FOLDER/photos", "--to", "coco", "--out", "FOLDER/shapes"],
    "FOLDER/shapes: there is something in this place already. Name a new folder.",
  ],
  [["split", "FOLDER/photos", "--shares", "90"], "90 does not say how to divide. Write 70/20/10 or train=80,test=20."],
  [["split", "FOLDER/shapes"], "lists are added to one folder in the layout of Pascal VOC only. Name a new folder with --out."],
  [["split", "FOLDER/photos"], "FOLDER/photos/ImageSets/Main/train.txt: this list exists already. Write a copy with --out, or remove it."],
  [["subset", "FOLDER/shapes", "--class-names", "disk", "--out", "FOLDER/none"], "no class is called disk. Did you mean disc?"],
  [["show", "FOLDER/photos", "--class", "nuts", "--out", "FOLDER/x.png"], "no class is called nuts. Did you mean nut?"],
  [["show", "FOLDER/photos", "--out", "FOLDER/x.bmp"], "pictures are not written as .bmp. Use .png, .jpg, .jpeg, .webp."],
  [
    ["show", "FOLDER/photos", "--augmentation", "sdd"],
    `--augmentation: no preset is called sdd. There are ${Object.keys(augmentationPresets).join(", ")}.`,
  ],
  [["synth", "FOLDER/photos"], "FOLDER/photos: there is something in this place already. Name a new folder."],
  [["synth", "FOLDER/none", "--splits", "train"], "--splits: train is not of the form NAME=N,NAME=N"],
  [["download"], "--class-names is missing. Name the classes: --class-names Apple,Banana."],
  [["download", "photos.zip"], "photos.zip is not an address of the web. Write https://…."],
  [["download", "https://example.org/x", "--sha256", "12"], "--sha256: a hash is 64 hexadecimal digits, of one file"],
  [["chek"], "chek: no such command. Did you mean check? `singleshot data --help` tells more."],
  [["check", "--josn"], "--josn: no such flag. Did you mean --json? `singleshot data check --help` tells more."],
];

test.each(MESSAGES)("data %j", async (argv, message) => {
  expect(await say(...argv)).toMatchObject({ code: 2, stderr: `${message}\n` });
});

test("a link in the place of an annotation file is not followed", async () => {
  mkdirSync(at("linked/annotations"), { recursive: true });
  symlinkSync(at("shapes/annotations/instances_val.json"), at("linked/annotations/instances_val.json"));
  expect((await say("check", "FOLDER/linked")).stderr).toBe(
    "FOLDER/linked/annotations/instances_val.json: a link to a place outside the data set's folder is not followed\n",
  );
});
