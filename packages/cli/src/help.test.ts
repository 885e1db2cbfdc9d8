import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "./program.js";
import { runHere } from "./testing/index.js";

const fixture = (name: string) => readFileSync(new URL(`../fixtures/help/${name.replace(" ", "-")}.txt`, import.meta.url), "utf8");
const namesBelow = (command: Command): string[] =>
  command.commands.flatMap((one) => [one.name(), ...namesBelow(one).map((name) => `${one.name()} ${name}`)]);
const commands = namesBelow(createProgram());

test("these are the commands", () => {
  const anchors = ["anchors", "anchors show", "anchors check", "anchors suggest"];
  const ofData = ["check", "stats", "show", "split", "convert", "subset", "download", "synth"].map((name) => `data ${name}`);
  const after = ["inspect", "recipes", "weights", "doctor"];
  const jetson = ["train_ssd", "eval_ssd", "onnx_export", "run_ssd_example", "open_images_downloader", "generate_vocdata"];
  const below = (system: string, programs: string[]) => [system, ...programs.map((program) => `${system} ${program}`)];
  const systems = [
    ...below("jetson", jetson),
    ...below("torchvision", ["train"]),
    ...below("gluoncv", ["train_ssd"]),
    ...below("sparrow", ["train", "infer", "make_coco2017_for_ssdlite"]),
    ...below("retinanet", ["pretrain", "train", "show", "show_bbox", "anchors"]),
  ];
  const first = ["train", "pretrain", "launch", "eval", "predict", "serve", "report", "compare", "export"];
  expect(commands).toEqual([...first, ...anchors, "data", ...ofData, ...after, ...systems]);
});

test.each(commands)("%s --help", async (command) => {
  expect(await runHere(...command.split(" "), "--help")).toEqual({ code: 0, stdout: fixture(command), stderr: "" });
});

test("singleshot alone and with --help lists the commands", async () => {
  const expected = { code: 0, stdout: fixture("singleshot"), stderr: "" };
  expect(await runHere("--help")).toEqual(expected);
  expect(await runHere()).toEqual(expected);
});

test("--version", async () => {
  expect(await runHere("--version")).toEqual({ code: 0, stdout: "0.1.0\n", stderr: "" });
});

test("no line is wider than 100 characters", () => {
  const lines = ["singleshot", ...commands].flatMap((name) => fixture(name).split("\n"));
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
});
