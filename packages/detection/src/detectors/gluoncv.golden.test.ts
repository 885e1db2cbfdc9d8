import {
  expectDetections,
  expectRecord,
  type Fill,
  type GoldenDetections,
  golden,
  type InputRecipe,
  type StatisticRecord,
} from "@singleshot/testing";
import { noGrad, scope, type Tensor, tensor } from "@singleshot/torch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BACKGROUND, boxCoder, matcher } from "../boxes/index.js";
import { type GroundTruth, targetsFor } from "../losses/index.js";
import { recipes, resolveRecipe } from "../recipes/index.js";
import { fillModule, type GoldenDescent, goldenTensor, groundTruth, numbers } from "../testing/golden-detector.js";
import { expectTraining, type GoldenTraining, precisions } from "../testing/golden-training.js";
import { keysOf } from "../testing/keys.js";
import { createDetector, type Detector, type Raw } from "./index.js";

interface GoldenGluon {
  config: { num_classes_with_background: number };
  fill: Fill;
  state: [key: string, shape: number[]][];
  input: InputRecipe;
  eval: Record<"class_logits" | "box_deltas" | "boxes", StatisticRecord> & { features: StatisticRecord[]; detections: GoldenDetections[] };
  train: Omit<GoldenTraining, "losses" | "sgd"> & {
    targets: { boxes: number[][]; ids: number[]; positives: number }[];
    class_targets: StatisticRecord;
    box_targets: StatisticRecord;
    losses: { class: number; box: number };
  };
  sgd: GoldenDescent;
}

const theirs: GoldenGluon = golden("models/gluoncv_ssd_512_vgg16_atrous");
const { tol, sumTol } = precisions.float32;
const MINUTES = 60_000;

let detector: Detector;
let images: Tensor;
let truth: GroundTruth;
let raw: Raw;

beforeAll(() => {
  const names = Array.from({ length: theirs.config.num_classes_with_background - 1 }, (_, i) => `class ${i + 1}`);
  const recipe = resolveRecipe(recipes.get("ssd512-vgg16-atrous-voc"), { reference: true });
  detector = fillModule(createDetector(recipe.detector, names), theirs.fill);
  images = scope(() => multiplied(goldenTensor(theirs.input)).contiguous({ memoryFormat: "channelsLast" }));
  truth = groundTruth(theirs.train.targets.map(({ boxes, ids }) => ({ boxes, labels: ids.map((id) => id + 1) })));
  raw = noGrad(() => detector.eval().forward(images));
}, 2 * MINUTES);
afterAll(() => detector.dispose());

/** GluonCV's network begins with this constant; ours has it in its normalisation. */
const multiplied = (normalized: Tensor) => normalized.mul(tensor([0.229, 0.224, 0.225].map((std) => std * 255)).view([1, 3, 1, 1]));

const record = (values: Tensor, theirRecord: StatisticRecord, name: string) =>
  expectRecord(numbers(values), values.shape, theirRecord, { tol, sumTol, name });

test("SSD512 on VGG16 has GluonCV's keys and shapes, in order", () => {
  expect(keysOf(detector)).toEqual(theirs.state.map(([key, shape]) => `${key} ${shape}`));
});

test("the maps, the answers, the boxes and what is found equal GluonCV's", { timeout: MINUTES }, () => {
  scope(() =>
    noGrad(() => {
      for (const [i, map] of detector.network.features(images).entries()) record(map, theirs.eval.features[i]!, `map ${i}`);
      record(raw.logits, theirs.eval.class_logits, "logits");
      record(raw.deltas, theirs.eval.box_deltas, "deltas");
      record(boxCoder(detector.options.coder).decode(raw.deltas, raw.anchors), theirs.eval.boxes, "boxes");
      detector.postprocess(raw).forEach(({ labels, ...found }, i) => {
        const ids = labels.map((label) => label - 1);
        expectDetections({ ...found, labels: ids }, theirs.eval.detections[i]!, { name: `image ${i}` });
      });
    }),
  );
});

test("its targets equal GluonCV's", () => {
  const { targets, class_targets, box_targets } = theirs.train;
  const { coder, matcher: rules } = detector.options;
  scope(() => {
    const { matches, labels, deltas } = targetsFor(raw.anchors, truth, { matcher: matcher(rules), coder: boxCoder(coder) });
    const positive = matches.gt(BACKGROUND);
    expect([...positive.sum(1).toTypedArray<"int64">()].map(Number)).toEqual(targets.map(({ positives }) => positives));
    expectRecord([...labels.toTypedArray<"int64">()].map(Number), labels.shape, class_targets, { tol: 0, name: "class targets" });
    const asked = deltas.maskedFill(positive.logicalNot().unsqueeze(2), 0);
    expectRecord(numbers(asked), asked.shape, box_targets, { tol: 2e-6, name: "box targets" });
  });
});

test("it learns the same: losses, gradients, the steps of SGD", { timeout: 5 * MINUTES }, () => {
  const { losses, gradients, batch_norm } = theirs.train;
  const training = { gradients, batch_norm, sgd: theirs.sgd, losses: { classification: losses.class, regression: losses.box } };
  expectTraining(detector.train(), () => detector.loss(detector.forward(images), truth), training, precisions.float32);
});
