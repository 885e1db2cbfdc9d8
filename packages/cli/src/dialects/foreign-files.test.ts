import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { COCO_CLASSES, createDetector } from "@singleshot/detection";
import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { serialize, type Tensor } from "@singleshot/torch";
import { writePicture } from "@singleshot/vision/node";
import { beforeAll, expect, test } from "vitest";
import { singleshot, temporaryFolder } from "../testing/index.js";
import { VOC_CLASSES } from "./weights/index.js";

const cwd = temporaryFolder();
const at = (name: string) => join(cwd, name);

beforeAll(async () => {
  await writePicture(at("photo.png"), { data: new Uint8Array(3 * 60 * 40).fill(90), width: 60, height: 40 });
});

/** Uses the weights of a detector as its original builds it. */
function withWeights(recipe: string, classes: readonly string[], use: (weights: Map<string, Tensor>) => void): void {
  const detector = createDetector(resolveRecipe(recipes.get(recipe), { reference: true }).detector, classes);
  use(detector.stateDict());
  detector.dispose();
}

test("sparrow infer draws what a best.pt of MobileSparrow finds, which names neither network nor classes", {
  timeout: 60_000,
}, async () => {
  withWeights("sparrow-ssdlite", COCO_CLASSES, (weights) =>
    serialize.save(
      at("best.pt"),
      new Map<string, unknown>([
        ["model_state", weights],
        ["epoch", 3],
        ["best_score", 1.5],
      ]),
    ),
  );
  const infer = ["sparrow", "infer", "--weights", "best.pt", "photo.png"];
  expect(await singleshot(infer, { cwd })).toEqual({
    ...{ code: 0, signal: null, stderr: "" },
    stdout: "photo.png: 0 found, drawn into infer-photo.png\n",
  });
  writeFileSync(at("labels.txt"), "bolt\nnut\n");
  const { code, stderr } = await singleshot([...infer, "--labels", "labels.txt", "--class-name", "nut"], { cwd });
  expect([code, stderr]).toEqual([
    2,
    "best.pt: its weights are for 80 classes, and there are 2. Name the classes that it was trained for; a training for others starts from it with --weights.\n",
  ]);
});

test("retinanet show draws what the tutorial's net_e.pkl and net_d.pkl find", { timeout: 60_000 }, async () => {
  withWeights("retinanet-scratch", VOC_CLASSES, (weights) => {
    const isExtractors = (key: string) => /^(conv_input|bn_input|resblock|fc)/.test(key);
    const part = (wanted: boolean) => new Map([...weights].filter(([key]) => isExtractors(key) === wanted));
    serialize.save(at("net_e.pkl"), part(true));
    serialize.save(at("net_d.pkl"), part(false));
  });
  expect(await singleshot(["retinanet", "show", "photo.png"], { cwd })).toMatchObject({
    ...{ code: 0, stderr: "" },
    stdout: expect.stringMatching(/^cls_i: \(\d+,\) {2}cls_p: \(\d+,\) {2}reg: \(\d+, 4\)\nwritten to show\.png\n$/),
  });
});
