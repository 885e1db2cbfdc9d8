import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { expect, test } from "vitest";
import { withPostprocess } from "../../options/index.js";
import { parse } from "../program/index.js";
import { testSpellings } from "../testing/index.js";
import { evalSsd, withAllCandidates } from "./eval-ssd.js";
import { generateVocdata } from "./generate-vocdata.js";
import { onnxExport } from "./onnx-export.js";
import { openImagesDownloader } from "./open-images-downloader.js";
import { runSsdExample } from "./run-ssd-example.js";

testSpellings(evalSsd as never, [
  { flags: ["--net"], default: "vgg16-ssd" },
  { flags: ["--model", "--trained_model"] },
  { flags: ["--dataset_type"], default: "voc" },
  { flags: ["--dataset"] },
  { flags: ["--label_file"] },
  { flags: ["--use_cuda"], default: true },
  { flags: ["--use_2007_metric"], default: true },
  { flags: ["--nms_method"], default: "hard" },
  { flags: ["--iou_threshold"], default: 0.5 },
  { flags: ["--eval_dir"], default: "models/eval_results" },
  { flags: ["--mb2_width_mult"], default: 1 },
]);

testSpellings(onnxExport as never, [
  { flags: ["--net"], default: "ssd-mobilenet" },
  { flags: ["--input"], default: "" },
  { flags: ["--output"], default: "" },
  { flags: ["--labels"], default: "labels.txt" },
  { flags: ["--resolution"], default: 300 },
  { flags: ["--batch-size"], default: 1 },
  { flags: ["--model-dir"], default: "" },
  { flags: ["--normalize"], default: "recipe" },
]);

testSpellings(openImagesDownloader as never, [
  { flags: ["--root", "--data"], default: "data" },
  { flags: ["--include-depiction"], default: false },
  { flags: ["--class-names"] },
  { flags: ["--num-workers"], default: 10 },
  { flags: ["--retry"], default: 10 },
  { flags: ["--remove-overlapped"], default: false },
  { flags: ["--max-images"], default: -1 },
  { flags: ["--max-annotations-per-class"], default: -1 },
  { flags: ["--stats-only"], default: false },
]);

test("soft suppression has no limit of candidates, the hard one has 200 of each class", () => {
  const recipe = resolveRecipe(recipes.get("mb1-ssd"));
  const candidates = (nms: "hard" | "soft") => withAllCandidates(withPostprocess(recipe, { nms })).detector.postprocess.candidates;
  expect(candidates("hard")).toEqual({ per: "class", count: 200, bestClassOnly: false });
  expect(candidates("soft")).toEqual({ per: "class", bestClassOnly: false });
});

test("the documented command lines of the others parse", () => {
  expect(parse(runSsdExample as never, ["mb1-ssd", "m.pth", "labels.txt", "a.jpg"]).words).toEqual([
    "mb1-ssd",
    "m.pth",
    "labels.txt",
    "a.jpg",
  ]);
  expect(parse(generateVocdata as never, ["labels.txt"]).words).toEqual(["labels.txt"]);
  expect(() => parse(runSsdExample as never, ["mb1-ssd"])).toThrow("missing required argument 'model'");
});
