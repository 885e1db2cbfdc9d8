import {
  expectClose,
  expectDetections,
  expectRecord as expectNumbers,
  type Fill,
  type GoldenDetections,
  type GoldenGradients,
  golden,
  type InputRecipe,
  type StatisticRecord,
} from "@singleshot/testing";
import { fromBuffer, noGrad, scope, type Tensor, tensor } from "@singleshot/torch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anchorTable, boxCoder, IGNORED, matcher, pairwiseIou } from "../boxes/index.js";
import { targetsFor } from "../losses/index.js";
import { recipes, resolveRecipe } from "../recipes/index.js";
import type { BatchNormRecord } from "../testing/golden-classifier.js";
import { fillModule, type GoldenDescent, goldenTensor, groundTruth, numbers } from "../testing/golden-detector.js";
import { expectTraining, precisions } from "../testing/golden-training.js";
import { keysOf, sheet } from "../testing/keys.js";
import { createDetector, type Detector, freezeBatchNorm, type Raw } from "./index.js";
import { postprocess } from "./postprocess.js";
import type { RetinanetScratch } from "./retinanet-scratch.js";

interface GoldenScratch {
  config: { classes: number };
  fill: Fill;
  state: [key: string, shape: number[], dtype?: string][];
  input: InputRecipe;
  eval: {
    class_logits: StatisticRecord;
    box_deltas: StatisticRecord;
    features: StatisticRecord[];
    classify: StatisticRecord;
    best_class_scores: StatisticRecord;
    boxes_yxyx: StatisticRecord;
    detections: GoldenDetections[];
  };
  train: {
    targets: { boxes_yxyx: number[][]; labels: number[] }[];
    class_targets: StatisticRecord;
    counts: { positive: number; negative: number; ignored: number };
    box_targets: StatisticRecord;
    losses: { class: number; box: number };
    gradients: GoldenGradients;
    batch_norm: BatchNormRecord[];
  };
  sgd: GoldenDescent;
}

const SECONDS = 1000;
const options = resolveRecipe(recipes.get("retinanet-scratch"), { reference: true }).detector;
const coder = boxCoder(options.coder);

const swapped = ([y1, x1, y2, x2]: readonly number[]) => [x1!, y1!, x2!, y2!];
const columns = tensor(BigInt64Array.of(1n, 0n, 3n, 2n));
const yxyx = (boxes: Tensor) => boxes.indexSelect(-1, columns);

function expectRecord(values: Tensor, record: StatisticRecord, name: string, tolerance = { tol: 5e-5, sumTol: 5e-6 }): void {
  expectNumbers(numbers(values.to("float32")), values.shape, record, { ...tolerance, name });
}

describe("retinanet_scratch_257 equals the tutorial's", { timeout: 120 * SECONDS }, () => {
  const theirs = golden<GoldenScratch>("models/retinanet_scratch_257");
  const classes = Array.from({ length: theirs.config.classes }, (_, i) => `class ${i + 1}`);
  const images = goldenTensor(theirs.input).contiguous({ memoryFormat: "channelsLast" });
  const truth = groundTruth(theirs.train.targets.map(({ boxes_yxyx, labels }) => ({ boxes: boxes_yxyx.map(swapped), labels })));

  let detector: Detector;
  beforeAll(() => {
    detector = fillModule(createDetector(options, classes), theirs.fill);
    freezeBatchNorm(detector); // as the golden numbers were taken
  });
  afterAll(() => detector.dispose());

  test("the state dict has its keys and shapes, in order: the extractor's, then the detector's", () => {
    const own = [...detector.stateDict()].map(([key, { shape }]) => `${key} ${shape}`);
    expect(own).toEqual(theirs.state.map(([key, shape]) => `${key} ${shape}`));
    expect(keysOf(detector)).toEqual([...sheet("retinanet-scratch-extractor"), ...sheet("retinanet-scratch-detector")]);
  });

  test("the extractor's maps and classes, the answers, scores, boxes and detections", () => {
    const { extractor } = detector.eval().network as RetinanetScratch;
    scope(() =>
      noGrad(() => {
        for (const [i, map] of extractor.extract(images).entries()) expectRecord(map, theirs.eval.features[i]!, `map ${i}`);
        expectRecord(extractor.forward(images), theirs.eval.classify, "classes of the extractor");
        const raw = detector.forward(images);
        expectRecord(raw.logits, theirs.eval.class_logits, "logits");
        expectRecord(raw.deltas, theirs.eval.box_deltas, "deltas");
        expectRecord(raw.logits.sigmoid().amax({ dim: -1 }), theirs.eval.best_class_scores, "scores");
        expectRecord(yxyx(coder.decode(raw.deltas, raw.anchors)), theirs.eval.boxes_yxyx, "boxes");
        for (const [i, found] of detector.postprocess(raw).entries())
          expectDetections(found, theirs.eval.detections[i]!, { name: `picture ${i}` });
      }),
    );
  });

  test("what every anchor is to answer", () => {
    scope(() => {
      const { anchors } = noGrad(() => detector.eval().forward(images));
      const { matches, labels, deltas } = targetsFor(anchors, truth, { matcher: matcher(options.matcher), coder });
      const ignored = matches.eq(IGNORED);
      const many = (chosen: Tensor) => Number(chosen.sum().item());
      expect({ positive: many(labels.gt(0)), negative: many(matches.eq(-1)), ignored: many(ignored) }).toEqual(theirs.train.counts);
      expectRecord(labels.maskedFill(ignored, -1), theirs.train.class_targets, "labels", { tol: 0, sumTol: 0 });
      expectRecord(deltas.maskedFill(labels.eq(0).unsqueeze(2), 0), theirs.train.box_targets, "box targets", { tol: 2e-6, sumTol: 2e-6 });
    });
  });

  test("training: losses, gradients, running statistics that stand still, then the losses of SGD's steps", () => {
    const { losses, gradients, batch_norm } = theirs.train;
    const expected = { classification: losses.class, regression: losses.box };
    const training = { losses: expected, gradients, batch_norm, sgd: theirs.sgd };
    expectTraining(detector.train(), () => detector.loss(detector.forward(images), truth), training, precisions.float32);
  });
});

describe("boxes equal the tutorial's", () => {
  const theirs = golden("boxes/retinanet_scratch") as {
    iou: { a: number[][]; b: number[][]; iou: number[][] };
    decode: {
      image_hw: [height: number, width: number];
      cls: InputRecipe;
      reg: InputRecipe;
      best_score: StatisticRecord;
      best_class: StatisticRecord;
      boxes: StatisticRecord;
      kept: { count: number; labels: number[]; scores: number[]; boxes: number[][] }[];
    };
  };

  test("IoU", () => {
    const { a, b, iou } = theirs.iou;
    const ours = scope(() => pairwiseIou(tensor([a.map(swapped)]), tensor(b.map(swapped))));
    expectClose(ours.toTypedArray(), iou, { rtol: 2e-6, atol: 2e-9 });
  });

  test("decoding: scores, boxes, suppression across classes, the picture's last pixel", () => {
    const [height, width] = theirs.decode.image_hw;
    scope(() => {
      const raw = rawOf(goldenTensor(theirs.decode.cls), goldenTensor(theirs.decode.reg), { height, width });
      const [scores, classes] = raw.logits.sigmoid().max(-1);
      expectRecord(scores, theirs.decode.best_score, "scores", { tol: 2e-6, sumTol: 2e-6 });
      expectRecord(classes.add(1), theirs.decode.best_class, "classes", { tol: 0, sumTol: 0 });
      expectRecord(yxyx(coder.decode(raw.deltas, raw.anchors)), theirs.decode.boxes, "boxes", { tol: 2e-6, sumTol: 2e-6 });
      postprocess(raw, options, coder).forEach(({ boxes, labels, scores: kept }, i) => {
        const { count, ...best } = theirs.decode.kept[i]!;
        expect(kept.length).toBe(count);
        expect([...labels.subarray(0, best.labels.length)]).toEqual(best.labels);
        expectClose(kept.subarray(0, best.scores.length), best.scores, { rtol: 2e-6 });
        expectClose(boxes.subarray(0, 4 * best.boxes.length), best.boxes.map(swapped), { atol: 2e-4, name: `boxes ${i}` });
      });
    });
  });

  function rawOf(logits: Tensor, deltas: Tensor, input: { height: number; width: number }): Raw {
    const points = (side: number, stride: number) => Math.floor((side - 1) / stride) + 1;
    const grids = [8, 16, 32, 64].map((stride) => ({ height: points(input.height, stride), width: points(input.width, stride) }));
    const { xyxy, cxcywh } = anchorTable(options.anchors, grids, input);
    const rows = (values: Float32Array) => fromBuffer(values, [values.length / 4, 4]);
    const levels = grids.map((grid) => 3 * grid.height * grid.width);
    return { logits, deltas, anchors: { xyxy: rows(xyxy), cxcywh: rows(cxcywh) }, levels, input };
  }
});
