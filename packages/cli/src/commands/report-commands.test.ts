import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { elementsOf, outsideReferences, runningParts } from "@singleshot/testing";
import { decodePicture } from "@singleshot/vision/node";
import { beforeAll, describe, expect, test } from "vitest";
import { runHere, singleshot, temporaryFolder, tinyRecipe, writeTinyData } from "../testing/index.js";

const cwd = temporaryFolder();
const at = (...names: string[]) => join(cwd, ...names);
const readJson = (name: string) => JSON.parse(readFileSync(at(name), "utf8"));
const readPage = (name: string) => elementsOf(readFileSync(at(name), "utf8"));
const headings = (name: string) => readPage(name).flatMap((one) => (one.name === "h2" ? [one.text] : []));
const train = (out: string, ...more: string[]) =>
  singleshot(["train", "--recipe", "tiny.json", "--data", "photos", "--out", out, ...more], { cwd });

beforeAll(async () => {
  process.chdir(cwd); // for the commands that run in this process
  await writeTinyData(at("photos"));
  writeFileSync(at("tiny.json"), JSON.stringify({ ...tinyRecipe, data: { ...tinyRecipe.data, workers: 0 } }));
  expect(await train("run")).toMatchObject({ code: 0, stderr: "" });
}, 60_000);

describe("the report", () => {
  test("that training ends with stands alone, is small, and has everything", () => {
    const text = readFileSync(at("run/report.html"), "utf8");
    expect([outsideReferences(text), runningParts(text)]).toEqual([[], []]);
    expect(text.length).toBeLessThan(5e6);
    const parts = ["At a glance", "What goes wrong", "The worst pictures", "Class by class", "Training", "Data", "Anchors", "Settings"];
    expect(headings("run/report.html")).toEqual(parts);
    const page = readPage("run/report.html");
    expect(page.filter(({ attributes }) => /^sample-\d$/.test(attributes.get("id") ?? ""))).toHaveLength(8);
    const recipe = page.find(({ attributes }) => attributes.get("class") === "recipe")!.text;
    expect(JSON.parse(recipe)).toEqual(readJson("run/config.json").recipe);
  });

  test("shows pictures that a browser can read", async () => {
    const uris = readPage("run/report.html").flatMap(({ name, attributes }) => (name === "image" ? [attributes.get("href")!] : []));
    writeFileSync(at("one.webp"), Buffer.from(uris[0]!.replace("data:image/webp;base64,", ""), "base64"));
    expect(await decodePicture(at("one.webp"))).toMatchObject({ width: 64, height: 64 });
  });

  test("has the numbers of `eval`, on the split and at the score that are asked for, and writes where it is told", async () => {
    const { code, stdout, stderr } = await singleshot(["report", "run", "--split", "train", "--score", "0.2", "--out", "train.html"], {
      cwd,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^train: 8 pictures, .*\ntrain: 8 pictures, .*\n\nThe report: train\.html\n$/);
    await singleshot(["eval", "run", "--data", "photos", "--split", "train", "--json", "train.json"], { cwd });
    const texts = readPage("train.html").map(({ text }) => text);
    expect(texts).toContain(readJson("train.json").map.toFixed(3));
    expect(texts).toContain("precision at 0.20");
    expect(texts.some((text) => text.startsWith("On 8 pictures of the split train, with the weights best.pth."))).toBe(true);
  });

  test("asks for the data set where it has moved", async () => {
    renameSync(at("photos"), at("moved"));
    const lost = await singleshot(["report", "run"], { cwd });
    expect([lost.code, lost.stderr]).toEqual([2, `--data: no such folder: ${at("photos")}\n`]);
    expect(await singleshot(["report", "run", "--data", "moved", "--out", "moved.html"], { cwd })).toMatchObject({ code: 0, stderr: "" });
    renameSync(at("moved"), at("photos"));
  });

  test("shows the rest where there is no split to evaluate on", async () => {
    mkdirSync(at("alone"));
    for (const folder of ["Annotations", "JPEGImages"]) renameSync(at("photos", folder), at("alone", folder));
    const { code, stdout } = await singleshot(
      ["train", "--recipe", "tiny.json", "--data", "alone", "--epochs", "1", "--out", "run-alone"],
      { cwd },
    );
    for (const folder of ["Annotations", "JPEGImages"]) renameSync(at("alone", folder), at("photos", folder));
    expect(code).toBe(0);
    expect(stdout).toContain("\nThe report: run-alone/report.html\n");
    expect(headings("run-alone/report.html")).toEqual(["At a glance", "Training", "Data", "Anchors", "Settings"]);
  });

  test("that cannot be written fails no training, and none is made where none is wanted", async () => {
    mkdirSync(at("run-2/report.html"), { recursive: true });
    const { code, stdout, stderr } = await train("run-2", "--epochs", "1", "--seed", "5");
    expect(code).toBe(0);
    expect(stderr).toMatch(/^There is no report: .+\. To make it: npx singleshot report run-2\n$/);
    expect(stdout).toContain("\nNext:\n");
    expect(await train("run-3", "--epochs", "1", "--no-report")).toMatchObject({ code: 0, stderr: "" });
    expect(existsSync(at("run-3/report.html"))).toBe(false);
  });
});

describe("compare", () => {
  test("tells what differs, how good each is, and in which class", async () => {
    const args = ["compare", "run", "run-2", "--out", "compare.html", "--json", "compare.json"];
    const { code, stdout, stderr } = await runHere(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const plain = stdout.replace(/\d\.\d{3}/g, "#.###").replace(/(?<=^run +#.### +#.### +)\d/m, "#");
    expect(plain).toBe(`run      mAP   AP50  best epoch  epochs
run    #.###  #.###           #       2
run-2  #.###  #.###           1       1

AP      run  run-2
bolt  #.###  #.###
nut   #.###  #.###

what differs     run  run-2
schedule.epochs    2      1
training.seed      0      5

The page: compare.html
`);
    expect(headings("compare.html")).toEqual(["Result", "Curves", "Class by class", "What differs"]);
    expect(readJson("compare.json")).toMatchObject({
      runs: [{ name: "run" }, { name: "run-2", best: { epoch: 1 } }],
      differences: [
        { key: "schedule.epochs", values: ["2", "1"] },
        { key: "training.seed", values: ["0", "5"] },
      ],
      classes: [{ name: "bolt" }, { name: "nut" }],
    });
  });

  test("runs of the same name are told by their places", async () => {
    const { stdout } = await runHere("compare", "run", "./run");
    expect(stdout).toContain("\n./run  ");
    expect(stdout).toContain("\nAll settings are the same.\n");
  });
});

describe("anchors", () => {
  test("show draws them, on a picture or on grey", async () => {
    const { code, stdout } = await runHere("anchors", "show", "run", "photos/JPEGImages/part-01.png");
    expect([code, stdout.split("\n").slice(0, 2)]).toEqual([
      0,
      ["feature map 1: 4 × 4 cells, 4 anchors each, 13 to 17 px", "feature map 2: 2 × 2 cells, 4 anchors each, 22 to 27 px"],
    ]);
    expect(stdout).toMatch(/\nThe picture: anchors\.png\n$/);
    expect((await decodePicture(at("anchors.png"))).width).toBe(1316);
    expect(await runHere("anchors", "show", "quickstart", "--out", "grey.jpg")).toMatchObject({ code: 0, stderr: "" });
  });

  test("check counts what they reach", async () => {
    const { code, stdout } = await runHere("anchors", "check", "tiny.json", "--data", "photos", "--json", "check.json");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /\nside, px +objects +recall at 0\.5 +mean best IoU\n[\s\S]*\nclass +objects +recall at 0\.5 +mean best IoU\nbolt +\d+ +/,
    );
    const { recipe, split, all, byClass, bySize } = readJson("check.json");
    expect([recipe, split]).toEqual(["tiny", "train"]);
    for (const groups of [byClass, bySize])
      expect(groups.reduce((sum: number, { objects }: { objects: number }) => sum + objects, 0)).toBe(all.objects);
  });

  test("check finds a run's data set where training had it", async () => {
    const [alone, named] = [await runHere("anchors", "check", "run"), await runHere("anchors", "check", "run", "--data", "photos")];
    expect([alone.code, alone.stderr]).toEqual([0, ""]);
    expect(alone).toEqual(named);
  });

  test("suggest writes a recipe whose anchors reach what it says", async () => {
    const suggest = ["anchors", "suggest", "tiny.json", "--data", "photos", "--shapes", "6"];
    const { code, stdout } = await runHere(...suggest, "--out", "mine.json", "--json", "suggestion.json");
    expect(code).toBe(0);
    expect(stdout).toContain("\nThe recipe: mine.json. To train with it:\n  npx singleshot train --recipe mine.json --data DIR\n");
    const { before, after, anchors } = readJson("suggestion.json");
    expect(after.all.meanIou).toBeGreaterThan(before.all.meanIou);
    expect(readJson("mine.json")).toMatchObject({ name: "tiny-anchors", detector: { anchors } });
    const check = await runHere("anchors", "check", "mine.json", "--data", "photos", "--json");
    expect(JSON.parse(check.stdout)).toMatchObject(after);
  });

  test("alone prints its help", async () => {
    const { code, stderr } = await runHere("anchors");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Usage: singleshot anchors \[options\] \[command\]\n/);
    expect(stderr).not.toContain("(outputHelp)");
  });
});
