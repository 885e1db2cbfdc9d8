import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { singleshot, temporaryFolder, writeTinyData, writeTinyModel } from "../testing/index.js";

const cwd = temporaryFolder();
const PICTURE = "photos/JPEGImages/part-09.png";

beforeAll(async () => {
  await writeTinyData(join(cwd, "photos"));
  await writeTinyModel(join(cwd, "model.pth"));
}, 60_000);

/** No GPU is in sight of the programs that tests start; why, depends on the libtorch. */
const noSuch = (word: string) =>
  new RegExp(
    `^there is no '${word}': (${[
      "this libtorch \\(\\S+\\) computes on the CPU alone. Set LIBTORCH to one with CUDA and run `npm run setup`",
      "no GPU was found. See that nvidia-smi finds it",
    ].join("|")}), or use --device cpu.\n$`,
  );

const NO_DEVICE = "'gpu' is no device. Use auto, cpu, cuda, or the number of a GPU: cuda:1.\n";

test.each([
  [["predict", "model.pth", PICTURE, "--device", "gpu"], NO_DEVICE],
  [["serve", "model.pth", "--port", "0", "--device", "gpu"], NO_DEVICE],
  [["train", "--recipe", "quickstart", "--data", "photos", "--device", "cuda:7"], noSuch("cuda:7")],
  [["pretrain", "--recipe", "classifier-small", "--data", "photos", "--device", "cuda"], noSuch("cuda")],
  [["eval", "model.pth", "--data", "photos", "--device", "cuda"], noSuch("cuda")],
  [["report", "runs/mine", "--device", "cuda:0"], noSuch("cuda:0")],
])("%j", async (argv, message) => {
  const { code, stdout, stderr } = await singleshot(argv, { cwd });
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: "",
    stderr: typeof message === "string" ? message : expect.stringMatching(message),
  });
});

test("the device is said where it was asked for", async () => {
  const asked = await singleshot(["predict", "model.pth", PICTURE, "--device", "cpu", "--score", "1"], { cwd });
  expect(asked.stdout).toBe(`device: CPU\n${PICTURE}  nothing\n`);
  const found = await singleshot(["predict", "model.pth", PICTURE, "--score", "1"], { cwd });
  expect(found.stdout).toBe(`${PICTURE}  nothing\n`);
});

test("detections that are there already want none", async () => {
  const { code, stderr } = await singleshot(["eval", "--detections", "a.json", "--annotations", "b.json", "--device", "cpu"], { cwd });
  expect([code, stderr]).toEqual([2, "--device goes with a model, not with --detections. Leave it out.\n"]);
});
