import {
  expectClose,
  expectRecord as expectNumbers,
  type Fill,
  type GoldenGradients,
  golden,
  type InputRecipe,
  type StatisticRecord,
} from "@singleshot/testing";
import { noGrad, scope, type Tensor } from "@singleshot/torch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boxCoder, IGNORED, matcher } from "../boxes/index.js";
import { lossOf, targetsFor } from "../losses/index.js";
import { type DetectorOptions, merge, recipes, resolveRecipe } from "../recipes/index.js";
import { anchorSet, anchorsOf, anchorTensors } from "../testing/golden-anchors.js";
import type { BatchNormRecord } from "../testing/golden-classifier.js";
import { fillModule, type GoldenDescent, goldenTensor, groundTruth, numbers } from "../testing/golden-detector.js";
import { expectTraining, precisions } from "../testing/golden-training.js";
import { keysOf, sheet } from "../testing/keys.js";
import { createDetector, type Detector } from "./index.js";
import type { SsdliteFpn } from "./ssdlite-fpn.js";

interface GoldenSparrow {
  config: { num_classes_with_background: number; image_size: number };
  fill: Fill;
  state: [key: string, shape: number[], dtype?: string][];
  input: InputRecipe;
  eval: {
    class_logits: StatisticRecord;
    box_deltas: StatisticRecord;
    backbone: StatisticRecord[];
    features: StatisticRecord[];
    boxes: StatisticRecord;
    scores: StatisticRecord;
  };
  train: {
    targets: { boxes: number[][]; labels: number[] }[];
    assigned: { positives: number; ignored: number }[];
    losses: { class: number; box: number };
    gradients: GoldenGradients;
    batch_norm: BatchNormRecord[];
  };
  sgd: GoldenDescent;
}

const recipe = recipes.get("sparrow-ssdlite");
const original = resolveRecipe(recipe, { reference: true }).detector;
const ownAnchors = resolveRecipe(recipe).detector;

/** The originals' anchors are one stride wide, in either order. */
const rows: { file: string; set: string; options: DetectorOptions }[] = [
  { file: "sparrow_ssdlite_mobilenet_v2_original", set: "sparrow.original.type_major", options: original },
  {
    file: "sparrow_ssdlite_mobilenet_v2_true_strides",
    set: "sparrow.true_strides.cell_major",
    options: merge(ownAnchors, { anchors: { levels: original.anchors.levels } }) as DetectorOptions,
  },
];

const SECONDS = 1000;
const tolerance = { tol: 5e-5, sumTol: 5e-6 };
const expectRecord = (values: Tensor, record: StatisticRecord, name: string) =>
  expectNumbers(numbers(values), values.shape, record, { ...tolerance, name });

describe.each(rows)("$file equals MobileSparrow's", { timeout: 60 * SECONDS }, ({ file, set, options }) => {
  const theirs = golden<GoldenSparrow>(`models/${file}`);
  const { num_classes_with_background, image_size: side } = theirs.config;
  const classes = Array.from({ length: num_classes_with_background - 1 }, (_, i) => `class ${i + 1}`);
  const images = goldenTensor(theirs.input).contiguous({ memoryFormat: "channelsLast" });
  // Many anchors lie inside a box, have one area and so one IoU with it: rounding decides which is the best, and the original computes in shares.
  const anchors = anchorTensors(anchorsOf(anchorSet(set), { relative: true }));
  const targets = targetsFor(
    anchors,
    groundTruth(theirs.train.targets.map(({ boxes, labels }) => ({ boxes, labels: labels.map((label) => label + 1) }))),
    {
      matcher: matcher(options.matcher),
      coder: boxCoder({ ...options.coder, minSide: options.coder.minSide / side }),
      iouEpsilon: options.matcher.iouEpsilon,
    },
  );

  let detector: Detector;
  beforeAll(() => {
    detector = fillModule(createDetector(options, classes), theirs.fill);
  });
  afterAll(() => detector.dispose());

  test("the state dict has its keys and shapes, in order", () => {
    const own = [...detector.stateDict()].map(([key, { shape }]) => `${key} ${shape}`);
    expect(own).toEqual(theirs.state.map(([key, shape]) => `${key} ${shape}`));
  });

  test("the backbone's maps, the neck's, the answers, decoded boxes and scores", () => {
    const { backbone } = detector.eval().network as SsdliteFpn;
    scope(() =>
      noGrad(() => {
        for (const [i, map] of backbone.forward(images).entries()) expectRecord(map, theirs.eval.backbone[i]!, `backbone ${i}`);
        for (const [i, map] of detector.network.features(images).entries()) expectRecord(map, theirs.eval.features[i]!, `neck ${i}`);
        const raw = detector.forward(images);
        expectRecord(raw.logits, theirs.eval.class_logits, "logits");
        expectRecord(raw.deltas, theirs.eval.box_deltas, "deltas");
        expectRecord(boxCoder(options.coder).decode(raw.deltas, raw.anchors).div(side), theirs.eval.boxes, "boxes");
        expectRecord(raw.logits.softmax(-1), theirs.eval.scores, "scores");
      }),
    );
  });

  test("the anchors, in pixels", () => {
    const ours = noGrad(() => detector.eval().forward(images)).anchors.cxcywh;
    expectClose(ours.toTypedArray(), anchors.cxcywh.mul(side).toTypedArray(), { rtol: 2e-6, atol: 2e-9 });
  });

  test("so many anchors are matched and ignored in each picture", () => {
    const perPicture = (chosen: Tensor) => [...chosen.sum(1).toTypedArray<"int64">()].map(Number);
    expect(perPicture(targets.matches.ge(0))).toEqual(theirs.train.assigned.map(({ positives }) => positives));
    expect(perPicture(targets.matches.eq(IGNORED))).toEqual(theirs.train.assigned.map(({ ignored }) => ignored));
  });

  test("training: losses, gradients and running statistics, then the losses of SGD's steps", () => {
    const { losses, gradients, batch_norm } = theirs.train;
    const loss = lossOf(options, classes);
    const frame = { anchors, coder: boxCoder(options.coder) };
    const expected = { classification: losses.class, regression: losses.box };
    const training = { losses: expected, gradients, batch_norm, sgd: theirs.sgd };
    expectTraining(detector.train(), () => loss(detector.forward(images), targets, frame), training, precisions.float32);
  });
});

test("the sheet of keys is the original's", () => {
  const detector = createDetector(
    original,
    Array.from({ length: 80 }, (_, i) => `class ${i + 1}`),
  );
  expect(keysOf(detector)).toEqual(sheet("sparrow-ssdlite-mobilenetv2"));
  detector.dispose();
});
