import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { collectDataset, writeDataset } from "@singleshot/vision/node";
import { beforeAll, describe, expect, test } from "vitest";
import { PROGRAM, singleshot, temporaryFolder, tinyRecipe, writeTinyData, writeTinyModel } from "../../testing/index.js";

const cwd = temporaryFolder();
const at = (...names: string[]) => join(cwd, ...names);
const readJson = (name: string) => JSON.parse(readFileSync(at(name), "utf8"));
const FORMATS = ["voc", "coco", "openimages", "yolo", "list"];
/** The others are read by the same door: that they give the same boxes is tested where they are read. */
const EVALUATED = ["voc", "coco", "yolo"] as const;

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

async function run(...args: string[]) {
  const ended = await singleshot(args, { cwd });
  expect(ended.stderr, args.join(" ")).toBe("");
  expect(ended.code, args.join(" ")).toBe(0);
  return ended.stdout;
}

beforeAll(async () => {
  await Promise.all([writeTinyData(at("photos")), writeTinyModel(at("model.pth"))]);
  writeFileSync(at("tiny.json"), JSON.stringify({ ...tinyRecipe, data: { ...tinyRecipe.data, workers: 0 } }));
  const { written } = await collectDataset(at("photos"));
  for (const format of EVALUATED) await writeDataset(at(`as-${format}`), written, format);
}, 60_000);

describe("train and eval", () => {
  test("the same pictures in any format give the same score; the files stay as they are", async () => {
    const before = EVALUATED.map((format) => digest(at(`as-${format}`)));
    const scores = [];
    for (const format of EVALUATED) {
      const said = await run("eval", "model.pth", "--data", `as-${format}`, "--split", "test", "--json", `${format}.json`);
      expect(said).toContain(`(--dataset ${format})\ntest: 4 pictures, 9 boxes: 1 bolt, 8 nut\n`);
      scores.push({ ...readJson(`${format}.json`), durationMs: 0 });
    }
    for (const score of scores) expect(score).toEqual(scores[0]);
    const annotations = ["--annotations", "as-coco/annotations/instances_test.json", "--images", "as-coco/images"];
    await run("eval", "model.pth", ...annotations, "--json", "odd.json");
    expect({ ...readJson("odd.json"), durationMs: 0 }).toEqual(scores[0]);
    expect(EVALUATED.map((format) => digest(at(`as-${format}`)))).toEqual(before);
  });

  test("several data sets are trained on as one, and the run is resumed with them", async () => {
    const roots = ["as-coco", "as-yolo"];
    const before = roots.map((root) => digest(at(root)));
    const said = await run("train", "--recipe", "tiny.json", "--data", ...roots, "--epochs", "1", "--out", "both");
    expect(said).toContain("as-coco is read as COCO (--dataset coco)\nas-yolo is read as YOLO (--dataset yolo)\ntrain: 16 pictures, ");
    expect(said).toContain("npx singleshot eval both --data as-coco --data as-yolo --split test\n");
    expect(readJson("both/config.json").data).toEqual({ root: roots.map((root) => at(root)), dataset: "auto", split: "train" });
    await run("train", "--resume", "both", "--epochs", "2");
    expect(readFileSync(at("both/metrics.jsonl"), "utf8").trimEnd().split("\n").length).toBeGreaterThan(1);
    expect(roots.map((root) => digest(at(root)))).toEqual(before);
  });
});

/** Data sets whose names and links point at `secret`, beside them. */
function writeHostile(): void {
  const files: Record<string, string> = {
    "voc/Annotations/a.xml": "<annotation><filename>../../secret/a.png</filename></annotation>",
    "voc/ImageSets/Main/train.txt": "../../secret/a\na\nSECRET/a\nhttp://127.0.0.1:9/a\n",
    "coco/annotations/instances_train.json": JSON.stringify({
      images: ["../secret/a.png", "SECRET/a.png", "http://127.0.0.1:9/a.png", "link.png"].map((file_name, id) => ({ id, file_name })),
      annotations: [],
      categories: [{ id: 1, name: "../../secret" }],
    }),
    "openimages/sub-train-annotations-bbox.csv": "ImageID,XMin,XMax,YMin,YMax,ClassName\n../../secret/a,0,1,0,1,x\nSECRET/a,0,1,0,1,x\n",
    "yolo/data.yaml": "path: SECRET\ntrain: train.txt\nval: ../secret\ntest: SECRET\nnames: [x]\n",
    "yolo/train.txt": "../secret/a.png\nSECRET/a.png\nimages/link.png\n",
    "list/train.txt": "../secret/a.png 1 2 3 4 1\nSECRET/a.png\nlink.png\n",
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(at("hostile", name), ".."), { recursive: true });
    writeFileSync(at("hostile", name), text.replaceAll("SECRET", at("hostile/secret")));
  }
  for (const folder of ["secret", "voc/JPEGImages", "coco/train", "yolo/images", "list/images"])
    mkdirSync(at("hostile", folder), { recursive: true });
  writeFileSync(at("hostile/secret/a.png"), readFileSync(at("photos/JPEGImages/part-01.png")));
  writeFileSync(at("hostile/secret/a.txt"), "0 0.5 0.5 1 1\n");
  writeFileSync(at("hostile/secret/a.xml"), "<annotation/>");
  symlinkSync(at("hostile/secret/a.png"), at("hostile/voc/JPEGImages/a.png"));
  symlinkSync(at("hostile/secret/a.xml"), at("hostile/voc/Annotations/link.xml"));
  for (const folder of ["coco/train", "yolo/images", "list/images"])
    symlinkSync(at("hostile/secret/a.png"), at("hostile", folder, "link.png"));
}

const hasStrace = spawnSync("strace", ["-V"]).status === 0;

test.skipIf(!hasStrace)("under a trace of system calls: nothing outside a hostile data set is opened, no connection made", () => {
  writeHostile();
  for (const format of FORMATS) {
    const trace = at(`${format}.trace`);
    const call = ["-f", "-y", "-qq", "-e", "trace=open,openat,openat2,connect", "-o", trace, process.execPath, PROGRAM];
    const { status } = spawnSync("strace", [...call, "data", "check", at("hostile", format), "--fix", at(`fixed-${format}`)], { cwd });
    expect(status, format).toBe(2); // nothing can be used
    const calls = readFileSync(trace, "utf8");
    expect(calls, format).toContain(at("hostile", format)); // the trace sees what it should
    expect(
      calls.split("\n").filter((line) => line.includes("hostile/secret") || /connect\(.*AF_INET/.test(line)),
      format,
    ).toEqual([]);
  }
});
