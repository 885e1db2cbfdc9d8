import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { runHere, temporaryFolder, tinyRecipe, writeTinyData } from "./testing/index.js";
import { userProblem } from "./user-problem.js";

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  await writeTinyData(at("photos"));
  writeFileSync(at("tiny.json"), JSON.stringify(tinyRecipe));
  writeFileSync(at("wrong.json"), JSON.stringify({ ...tinyRecipe, optimiser: {} }));
  writeFileSync(at("stump.json"), "{");
  writeFileSync(at("heir.json"), '{ "extends": "ssdlite" }');
  mkdirSync(at("empty"));
  const truth = { images: [{ id: 1 }], annotations: [], categories: [{ id: 5, name: "nut" }] };
  writeFileSync(at("truth.json"), JSON.stringify(truth));
  writeFileSync(at("odd-truth.json"), JSON.stringify({ ...truth, images: [{ id: 1 }, { id: null }] }));
  const found = '[{"image_id": 1, "category_id": 5, "bbox": [1, 2, 30, 40], "score": 0.9}]';
  writeFileSync(at("found.json"), found);
  writeFileSync(at("nan.json"), found.replace("0.9", "NaN"));
  writeFileSync(at("stranger.json"), found.replace("1,", "2,"));
});

const evalFiles = (found: string, ...more: string[]) => [
  ...["eval", "--detections", `FOLDER/${found}`, "--annotations", "FOLDER/truth.json"],
  ...more,
];
const train = (...more: string[]) => ["train", "--recipe", "FOLDER/tiny.json", "--data", "FOLDER/photos", ...more];

/** Command lines that are wrong, and all that is said of each. FOLDER stands for the tests' own. */
const MESSAGES: [argv: string[], message: string | RegExp][] = [
  [["trian"], "trian: no such command. Did you mean train? `singleshot --help` tells more."],
  [["--josn"], "--josn: no such flag. `singleshot --help` tells more."],
  [["doctor", "--josn"], "--josn: no such flag. Did you mean --json? `singleshot doctor --help` tells more."],
  [["doctor", "now"], "Too many arguments for 'doctor'. Expected 0 arguments but got 1. `singleshot doctor --help` tells more."],

  [["launch"], "The command to start is missing. Name it behind --: singleshot launch ... -- train ..."],
  [
    ["launch", "--nproc-per-node", "2", "predict"],
    "predict cannot run in several processes. It can be train, pretrain, eval, jetson, torchvision, gluoncv, sparrow, retinanet.",
  ],
  [["launch", "train"], "--nproc-per-node is missing. Say how many processes this machine is to run."],
  [["launch", "--nproc", "2", "train"], "--nproc: no such flag. `singleshot launch --help` tells more."],
  [["launch", "--node_rank", "x", "train"], "--node-rank: x is not a whole number"],
  [train("--world-size", "2"), "--rank is missing. Number the processes from 0: --world-size 2 --rank 0."],
  [train("--rank", "1"), "--rank: it goes with --world-size. Say how many processes there are, or leave it out."],
  [evalFiles("found.json", "--world-size", "2", "--rank", "0"), "--detections is measured by one process. Leave the launcher out."],

  [["train"], "--recipe is missing. Name one that `singleshot recipes` lists, or a file."],
  [["train", "--recipe", "ssdlite320"], "--data is missing. Name the folder of your photographs and annotations."],
  [["train", "--epoch", "3"], "--epoch: no such flag. Did you mean --epochs? `singleshot train --help` tells more."],
  [train("--epochs"), "--epochs <N>: its value is missing. `singleshot train --help` tells more."],
  [train("--epochs", "ten"), "--epochs: ten is not a whole number of at least 1"],
  [train("--epochs", "0"), "--epochs: 0 is not a whole number of at least 1"],
  [train("--workers", "-1"), "--workers: -1 is not a whole number from 0 to 256"],
  [train("--threads", "2000"), "--threads: 2000 is not a whole number from 1 to 1024"],
  [
    train("--dataset", "kitti"),
    "--dataset: kitti is not known. It can be auto, voc, coco, openimages, yolo, list, folder. `singleshot train --help` tells more.",
  ],
  [
    train("--dataset", "coco"),
    "--data: FOLDER/photos is not laid out like COCO: it has no file annotations/instances_….json. It looks like Pascal VOC: --dataset voc.",
  ],
  [train("--split", "trian"), "FOLDER/photos: no split trian in ImageSets/Main. There are test, train. Did you mean train?"],
  [train("--eval-split", "tset"), "FOLDER/photos: no split tset in ImageSets/Main. There are test, train. Did you mean test?"],
  [train("--data", "FOLDER/photo"), "--data: no such folder: FOLDER/photo. Did you mean FOLDER/photos?"],
  [
    train("--data", "FOLDER/empty"),
    "--data: FOLDER/empty holds no data set that is recognised. Name a folder that has one of these in it: folder Annotations; file annotations/instances_….json; file …-annotations-bbox.csv; data.yaml or folders images and labels; text file of lines `name.jpg y1 x1 y2 x2 class …`; folder of pictures for each class.",
  ],

  [["train", "--recipe", "ssdlite32", "--data", "x"], "--recipe: no recipe and no file is called ssdlite32. Did you mean ssdlite320?"],
  [
    ["train", "--recipe", "FOLDER/stump.json", "--data", "x"],
    /^FOLDER\/stump.json: not a recipe: .+ `singleshot recipes NAME` prints one to begin with\.\n$/,
  ],
  [
    ["train", "--recipe", "FOLDER/heir.json", "--data", "x"],
    /^FOLDER\/heir.json: "extends": no recipe is called ssdlite. There are .*\.\n$/,
  ],
  [
    ["train", "--recipe", "FOLDER/wrong.json", "--data", "x"],
    "FOLDER/wrong.json: the recipe is wrong: ✖ no such key: optimiser (did you mean optimizer?). `singleshot recipes NAME` prints a complete one.",
  ],
  [train("--set", "epochs"), "--set: epochs is not of the form key=value. For example: --set optimizer.learningRate=0.01."],
  [train("--set", "optimizer.learningrate=1"), "--set: no recipe has the key optimizer.learningrate. Did you mean optimizer.learningRate?"],
  [
    train("--set", "momentum=1"),
    "--set: no recipe has the key momentum. Did you mean detector.network.norm.momentum or optimizer.momentum?",
  ],
  [train("--set", "lr=1"), "--set: no recipe has the key lr. `singleshot recipes NAME` prints all keys."],
  [
    train("--set", "optimizer.momentum=2"),
    "--set: the recipe is wrong: ✖ Too big: expected number to be <=1 → at optimizer.momentum. `singleshot recipes NAME` prints a complete one.",
  ],
  [
    train("--set", 'data.augmentation=[{"step":"flip","prob":1}]'),
    "--set: the recipe is wrong: ✖ no such key: prob (there are step, p) → at data.augmentation[0]. `singleshot recipes NAME` prints a complete one.",
  ],
  [
    train("--set", "data.augmentation.0.brightnes=[1,1]"),
    "--set: no recipe has the key data.augmentation.0.brightnes. Did you mean data.augmentation.0.brightness?",
  ],

  [train("--resume", "FOLDER/empty"), "--recipe: a resumed run keeps its settings. Leave it out, or begin a new run without --resume."],
  [["train", "--resume", "x", "--out", "y"], "--out: a resumed run stays where it is. Leave it out."],
  [
    ["train", "--resume", "FOLDER/empty"],
    "FOLDER/empty: no run in this folder: it has no config.json. Name the folder that `train --out` wrote.",
  ],

  [["eval"], "RUN|MODEL is missing. Name a run directory or a model file (.pth, .safetensors)."],
  [["eval", "x"], "--data is missing. Name the folder of the data set."],
  [["eval", "FOLDER/none", "--data", "FOLDER/photos"], "FOLDER/none: no such run or model file"],
  [
    ["eval", "FOLDER/tiny.json", "--data", "FOLDER/photos"],
    "FOLDER/tiny.json: not a model file: neither a PyTorch checkpoint nor safetensors. Check what was downloaded.",
  ],
  [
    ["eval", "x", "--data", "y", "--protocol", "voc12"],
    "--protocol: voc12 is not known. It can be coco, voc07, voc, jetson-voc07, jetson-voc, retinanet. `singleshot eval --help` tells more.",
  ],
  [["eval", "--detections", "x"], "--annotations is missing. Name the COCO file with the truth."],
  [["eval", "x", "--detections", "y"], "--detections stands for a model: name one or the other"],
  [["eval", "--detections", "FOLDER/none", "--annotations", "FOLDER/none"], "FOLDER/none: no such file"],
  [evalFiles("empty"), "FOLDER/empty: a folder, not a file"],
  [evalFiles("stump.json"), "FOLDER/stump.json: this is not JSON. Write the file again; it may have been cut off."],
  [
    evalFiles("truth.json"),
    'FOLDER/truth.json: these are not COCO detections. Give a list of { "image_id", "category_id", "bbox": [x, y, width, height], "score" }.',
  ],
  [
    evalFiles("nan.json"),
    "FOLDER/nan.json: picture 1, detection 1 of the list: its score is NaN. Scores must be numbers; a detector that gives NaN has diverged.",
  ],
  [
    evalFiles("stranger.json"),
    "FOLDER/stranger.json: the ground truth has no picture 2. Give the ground truth that belongs to these detections; a number and the same digits as text are different names.",
  ],
  [
    ["eval", "--detections", "FOLDER/found.json", "--annotations", "FOLDER/found.json"],
    'FOLDER/found.json: there is no list "images". Give a COCO annotation file (instances_….json).',
  ],
  [
    ["eval", "--detections", "FOLDER/found.json", "--annotations", "FOLDER/odd-truth.json"],
    "FOLDER/odd-truth.json: picture 2 of the list: id null is neither a number nor a text",
  ],
  [evalFiles("found.json", "--pixels-from", "1"), "--pixels-from goes with a model, not with --detections. Leave it out."],
  [evalFiles("found.json", "--groups", "objects"), "--groups goes with a model, not with --detections. Leave it out."],
  [evalFiles("found.json", "--threads", "2"), "--threads goes with a model, not with --detections. Leave it out."],
  [
    evalFiles("found.json", "--match-iou", "0.7"),
    "--match-iou: the protocol coco has thresholds of its own. Leave it out, or use --protocol voc.",
  ],
  [["eval", "x", "--data", "y", "--annotations", "z"], "--annotations stands for --data: name one or the other"],
  [["eval", "x", "--data", "y", "--iou", "2"], "--iou: 2 is not a number from 0 to 1"],

  [["predict"], "RUN|MODEL is missing. `singleshot predict --help` tells more."],
  [["predict", "x"], "PICTURE|DIR|GLOB|- is missing. `singleshot predict --help` tells more."],
  [["predict", "x", "FOLDER/none.jpg"], "FOLDER/none.jpg: no such picture or folder"],
  [["predict", "x", "FOLDER/empty"], "FOLDER/empty: no picture there. Pictures end in .jpg, .jpeg, .png, .webp, .gif, .tif, .tiff, .bmp."],
  [["predict", "x", "FOLDER/*.bmp"], "FOLDER/*.bmp: no picture there. Pictures end in .jpg, .jpeg, .png, .webp, .gif, .tif, .tiff, .bmp."],
  [["predict", "x", "y", "--score", "50"], "--score: 50 is not a number from 0 to 1"],
  [["predict", "x", "y", "--coco", "photo.jpg"], "--coco: photo.jpg does not end in .json. Name a file that does."],
  [["predict", "x", "y", "--json=photo.jpg"], "--json: photo.jpg does not end in .json. Name a file that does."],
  [
    ["predict", "x", "FOLDER/photos/JPEGImages", "--out", "FOLDER/photos/JPEGImages"],
    "--out: FOLDER/photos/JPEGImages/part-01.png is one of the pictures themselves. Name another folder.",
  ],

  [["predict", "x", "y", "--top-k", "0"], "--top-k: 0 is not a whole number of at least 1"],

  [["report"], "RUN is missing. `singleshot report --help` tells more."],
  [["report", "FOLDER/empty"], "FOLDER/empty: no run in this folder: it has no config.json. Name the folder that `train --out` wrote."],
  [["report", "x", "--out", "page.txt"], "--out: page.txt does not end in .html. Name a file that does."],
  [["report", "x", "--score", "50"], "--score: 50 is not a number from 0 to 1"],
  [["compare", "x"], "one run alone compares with nothing. Name two or more."],
  [
    ["compare", "FOLDER/empty", "FOLDER/photos"],
    "FOLDER/empty: no run in this folder: it has no config.json. Name the folder that `train --out` wrote.",
  ],
  [["anchors", "shwo"], "shwo: no such command. Did you mean show? `singleshot anchors --help` tells more."],
  [["anchors", "show"], "RECIPE|RUN is missing. `singleshot anchors show --help` tells more."],
  [["anchors", "show", "quickstrat"], "no recipe and no file is called quickstrat. Did you mean quickstart?"],
  [["anchors", "show", "FOLDER/tiny.json", "FOLDER/none.jpg"], "FOLDER/none.jpg: no such file"],
  [
    ["anchors", "show", "FOLDER/tiny.json", "--out", "FOLDER/anchors.txt"],
    "pictures are not written as .txt. Use .png, .jpg, .jpeg, .webp.",
  ],
  [["anchors", "check", "quickstart"], "--data is missing. Name the folder of the data set."],
  [["anchors", "check", "quickstart", "--data", "FOLDER/photo"], "--data: no such folder: FOLDER/photo. Did you mean FOLDER/photos?"],
  [["anchors", "suggest", "quickstart", "--shapes", "0"], "--shapes: 0 is not a whole number from 1 to 200"],
  [["anchors", "suggest", "quickstart", "--out", "mine.txt"], "--out: mine.txt does not end in .json. Name a file that does."],

  [["inspect", "FOLDER/none"], "FOLDER/none: no such file"],
  [["inspect", "FOLDER/photos"], "FOLDER/photos: a folder. Name a file."],
  [
    ["inspect", "FOLDER/tiny.json"],
    "FOLDER/tiny.json: not a model file: neither a PyTorch checkpoint nor safetensors. Check what was downloaded.",
  ],
  [["recipes", "ssdlite32"], "no recipe and no file is called ssdlite32. Did you mean ssdlite320?"],
  [["recipes", "--json", "FOLDER/none/recipes.json"], "FOLDER/none/recipes.json: the folder does not exist. Make it first."],
];

test.each(MESSAGES)("%j", async (argv, message) => {
  const { code, stderr } = await runHere(...argv.map((word) => word.replace("FOLDER", folder)));
  const said = stderr.replaceAll(folder, "FOLDER");
  if (typeof message === "string") expect(said).toBe(`${message}\n`);
  else expect(said).toMatch(message);
  expect(code).toBe(2);
});

test("what is our own fault keeps its stack", () => {
  expect(userProblem(new TypeError("x is undefined"))).toBeUndefined();
});

test("what the system refuses is told in words", () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" });
  expect(userProblem(full)).toBe("the disk is full. Make room; a training run goes on with --resume.");
  const closed = Object.assign(new Error("EACCES"), { code: "EACCES", syscall: "open", path: "runs/x/config.json" });
  expect(userProblem(closed)).toBe("runs/x/config.json: no permission. Change its permissions or name another place.");
});

test("what needs more memory than there is says what to do", async () => {
  const { ops } = await import("@singleshot/torch");
  const told = (run: () => unknown) => {
    try {
      return run();
    } catch (error) {
      return userProblem(error);
    }
  };
  expect(told(() => ops.zeros([1e13]))).toMatch(
    /^aten::zeros: (can't allocate memory|out of memory).*\. Take fewer pictures at a time \(--batch-size\), compute a batch in parts \(--set training\.microBatchSize=N\), or smaller pictures\.$/,
  );
});
