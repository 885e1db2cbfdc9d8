import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { createDetector } from "@singleshot/detection";
import { publishedDetector, requirePublished } from "@singleshot/detection/published";
import { serialize } from "@singleshot/torch";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { runHere, temporaryFolder, writeTinyCoco } from "../../testing/index.js";

const home = temporaryFolder();
const NAME = "SSDLite320_MobileNet_V3_Large_Weights.COCO_V1";
const theirs = requirePublished(NAME);

/** Weights of the published form, with random values: the table has their file for the time of these tests. */
beforeAll(async () => {
  const folder = join(home, "hub", "checkpoints");
  mkdirSync(folder, { recursive: true });
  const { recipe, classes } = publishedDetector(theirs);
  const detector = createDetector(recipe.detector, classes);
  const drawn = join(folder, "drawn.pth");
  serialize.save(drawn, detector.stateDict());
  detector.dispose();
  const file = `drawn-${createHash("sha256").update(readFileSync(drawn)).digest("hex").slice(0, 8)}.pth`;
  renameSync(drawn, join(folder, file));
  Object.assign(theirs, { file });
  await writeTinyCoco(join(home, "coco"));
});
const { file } = theirs;
afterAll(() => void Object.assign(theirs, { file }));
beforeEach(() => void vi.stubEnv("TORCH_HOME", home));
afterEach(() => void vi.unstubAllEnvs());

const coco = join(home, "coco");
const picture = join(coco, "images", "part-09.png");
const at = (name: string) => join(home, name);

/** Runs a command to its good end. @returns what it said */
async function said(...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await runHere(...argv);
  expect([code, stderr]).toEqual([0, ""]);
  return stdout;
}

describe("published weights are used by their name", () => {
  test("eval", async () => {
    expect(await said("eval", NAME, "--data", coco, "--json", at("eval.json"))).toMatch(
      /^person +1 +\d+ +0\.\d{3} .*\nbicycle +0 +\d+ +no ground truth\n/m,
    );
    const { classes } = JSON.parse(readFileSync(at("eval.json"), "utf8"));
    expect([classes.length, classes[17].name]).toEqual([90, "dog"]);
  });

  test("predict", async () => {
    expect(await said("predict", NAME, picture, "--score", "0", "--coco", at("found.json"))).toContain("part-09.png  ");
  });

  test("export, beside nobody's weights but here", async () => {
    await said("export", NAME, "--format", "safetensors", "--out", at("drawn.safetensors"));
    expect(await said("predict", at("drawn.safetensors"), picture)).toContain("part-09.png  ");
  });

  test("torchvision train --test-only", async () => {
    const model = ["--model", "ssdlite320_mobilenet_v3_large", "--device", "cpu"];
    const told = await said("torchvision", "train", "--data-path", coco, ...model, "--test-only", "--weights", NAME);
    expect(told).toContain("IoU metric: bbox\n Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.");
  });
});

describe("published weights are refused where", () => {
  const refusal = async (...argv: string[]) => {
    const { code, stderr } = await runHere(...argv);
    return [code, stderr];
  };

  test("they are a classifier's", async () => {
    expect(await refusal("predict", "ResNet50_Weights.DEFAULT", picture)).toEqual([
      2,
      "ResNet50_Weights.IMAGENET1K_V2 is a classifier, for a detector's backbone. `singleshot train --backbone` starts from it.\n",
    ]);
  });

  test("they belong to another detector than the one that is named", async () => {
    expect(await refusal("torchvision", "train", "--model", "ssd300_vgg16", "--test-only", "--weights", NAME)).toEqual([
      2,
      `--weights: ${NAME} are another detector's weights, not ssd300_vgg16's\n`,
    ]);
  });

  test("somebody says what they are", async () => {
    expect(await refusal("predict", NAME, picture, "--recipe", "ssd300-vgg16")).toEqual([
      2,
      `${NAME}: it says itself what it is. Leave --recipe out.\n`,
    ]);
  });

  test("they have not been fetched", async () => {
    const name = "SSD300_VGG16_Weights.COCO_V1";
    expect(await refusal("predict", name, picture)).toEqual([
      2,
      `${at("hub/checkpoints/ssd300_vgg16_coco-b556d3b4.pth")}: ${name} has not been fetched. \`singleshot weights ${name}\` does it.\n`,
    ]);
  });
});
