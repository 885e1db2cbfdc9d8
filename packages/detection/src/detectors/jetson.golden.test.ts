import {
  expectDetections,
  expectRecord,
  type Fill,
  type GoldenDetections,
  golden,
  type InputRecipe,
  type StatisticRecord,
} from "@singleshot/testing";
import { noGrad, scope, type Tensor } from "@singleshot/torch";
import { boxesFromInput, placePicture } from "@singleshot/vision";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boxCoder, matcher } from "../boxes/index.js";
import { type GroundTruth, targetsFor } from "../losses/index.js";
import { type JetsonNet, jetsonDetector, recipes, resolveRecipe } from "../recipes/index.js";
import { fillModule, goldenTensor, groundTruth, numbers } from "../testing/golden-detector.js";
import { expectTraining, type GoldenTraining, precisions } from "../testing/golden-training.js";
import { keysOf, sheet } from "../testing/keys.js";
import { createDetector, type Detector, type Raw } from "./index.js";
import type { JetsonSsd } from "./jetson-ssd.js";
import { postprocess } from "./postprocess.js";

interface GoldenJetson {
  config: { net: JetsonNet; num_classes: number; width_mult: number; image_size: number };
  fill: Fill;
  state: [key: string, shape: number[]][];
  input: InputRecipe;
  eval: Record<"confidences" | "locations" | "scores" | "boxes", StatisticRecord> & {
    taps: (StatisticRecord & { name: string })[];
    detections: {
      original_height: number;
      original_width: number;
      runs: (GoldenDetections & { top_k: number; prob_threshold: number | null })[];
    };
  };
  train: Omit<GoldenTraining, "sgd"> & {
    targets: { boxes: number[][]; labels: number[] }[];
    matched: { positives_per_image: number[]; labels: StatisticRecord; locations: StatisticRecord };
  };
  sgd?: GoldenTraining["sgd"];
}

const rows = [
  ["float64", "mb1-ssd_300"],
  ["float64", "mb1-ssd-lite_300"],
  ["float64", "mb2-ssd-lite_300_w1"],
  ["float64", "sq-ssd-lite_300"],
  ["float32", "mb1-ssd_300"],
  ["float32", "mb1-ssd_512"],
  ["float32", "mb1-ssd-lite_300"],
  ["float32", "mb2-ssd-lite_300_w1"],
  ["float32", "mb2-ssd-lite_300_w0.5"],
  ["float32", "sq-ssd-lite_300"],
  ["float32", "vgg16-ssd_300"],
] as const;

const MINUTES = 60_000; // float64 has no fast kernels

/** As pytorch-ssd has it, for the classes that a key sheet counts, background included. */
function freshDetector({ net, width_mult, image_size }: GoldenJetson["config"], classes: number): Detector {
  const recipe = { ...recipes.get("mb1-ssd")!, detector: jetsonDetector(net, { resolution: image_size, width: width_mult }) };
  const names = Array.from({ length: classes - 1 }, (_, i) => `class ${i + 1}`);
  return createDetector(resolveRecipe(recipe, { reference: true }).detector, names);
}

/** The output of every layer by its key; each is to be read before the next is asked for, which may overwrite it. */
function* outputs({ network }: Detector, images: Tensor): Iterable<[key: string, Tensor]> {
  const { baseNet, extras } = network as JetsonSsd;
  let map = images;
  for (const [part, { layers }] of Object.entries({ base_net: baseNet, extras }))
    for (const [i, layer] of layers.entries()) {
      map = layer.forward(map);
      yield [`${part}.${i}`, map];
    }
}

describe.each(rows)("in %s pytorch-ssd's %s", { timeout: 5 * MINUTES }, (kind, name) => {
  const precision = precisions[kind];
  const { dtype, folder, tol, sumTol } = precision;
  const theirs: GoldenJetson = golden(`${folder}/jetson_${name}`);
  const side = theirs.config.image_size;
  let detector: Detector;
  let images: Tensor;
  let truth: GroundTruth;
  let raw: Raw;

  beforeAll(() => {
    detector = fillModule(freshDetector(theirs.config, theirs.config.num_classes), theirs.fill, dtype);
    images = goldenTensor(theirs.input, dtype);
    if (dtype === "float32") images = images.contiguous({ memoryFormat: "channelsLast" });
    const relative = groundTruth(theirs.train.targets, dtype);
    truth = { ...relative, boxes: relative.boxes.mul(side) };
    raw = noGrad(() => detector.eval().forward(images));
  });
  afterAll(() => detector.dispose());

  const record = (values: Tensor, theirRecord: StatisticRecord, what: string) =>
    expectRecord(numbers(values), values.shape, theirRecord, { tol, sumTol, name: what });

  test("has the same keys and shapes, in order", () => {
    expect(keysOf(detector)).toEqual(theirs.state.map(([key, shape]) => `${key} ${shape.length > 0 ? shape : "scalar"}`));
  });

  test("gives the same map behind every layer", () => {
    const taps = new Map(theirs.eval.taps.map((tap) => [tap.name, tap]));
    scope(() =>
      noGrad(() => {
        for (const [key, map] of outputs(detector, images)) {
          const tap = taps.get(key);
          if (tap) record(map, tap, key);
          taps.delete(key);
        }
      }),
    );
    expect([...taps.keys()]).toEqual([]);
  });

  test("answers, scores, boxes and finds the same", () => {
    scope(() =>
      noGrad(() => {
        record(raw.logits, theirs.eval.confidences, "confidences");
        record(raw.deltas, theirs.eval.locations, "locations");
        record(raw.logits.softmax(-1), theirs.eval.scores, "scores");
        const coder = boxCoder(detector.options.coder);
        record(coder.decode(raw.deltas, raw.anchors).div(side), theirs.eval.boxes, "boxes");
        const { original_height, original_width, runs } = theirs.eval.detections;
        const placement = placePicture(detector.input, { width: original_width, height: original_height }, () => 0);
        for (const { top_k, prob_threshold, ...expected } of runs) {
          const rules = { scoreThreshold: prob_threshold ?? 0.01, maxPerClass: top_k > 0 ? top_k : undefined };
          const options = { ...detector.options, postprocess: { ...detector.options.postprocess, ...rules } };
          const [found] = postprocess(raw, options, coder);
          expectDetections({ ...found!, boxes: boxesFromInput(found!.boxes, placement) }, expected, { name: `the best ${top_k}` });
        }
      }),
    );
  });

  test("matches the same anchors, and encodes for every anchor the same box", () => {
    const { matched } = theirs.train;
    const { coder, matcher: rules } = detector.options;
    scope(() =>
      noGrad(() => {
        const targets = (options: typeof rules) =>
          targetsFor(raw.anchors, truth, {
            matcher: matcher(options),
            coder: boxCoder(coder),
            iouEpsilon: options.iouEpsilon * side * side,
          });
        const { labels } = targets(rules);
        expectRecord([...labels.toTypedArray<"int64">()].map(Number), labels.shape, matched.labels, { tol: 0, name: "labels" });
        expect([...labels.gt(0).sum(1).toTypedArray<"int64">()].map(Number)).toEqual(matched.positives_per_image);
        record(targets({ ...rules, foreground: 0 }).deltas, matched.locations, "locations"); // of background the best box too
      }),
    );
  });

  test("learns the same: losses, gradients, running statistics, the steps of SGD", () => {
    const forward = () => detector.loss(detector.forward(images), truth);
    expectTraining(detector.train(), forward, { ...theirs.train, ...(theirs.sgd && { sgd: theirs.sgd }) }, precision);
  });
});

test.each(["mb1-ssd", "mb1-ssd-lite", "mb2-ssd-lite", "sq-ssd-lite", "vgg16-ssd"] as const)("%s has the keys of its sheet", (net) => {
  expect(keysOf(freshDetector({ net, num_classes: 21, width_mult: 1, image_size: 300 }, 21))).toEqual(sheet(`jetson-${net}`));
});
