import { expectClose, expectDetections, expectGradients, expectRecord, expectSgdDeltas } from "@singleshot/testing";
import { type DType, noGrad, optim, scope, type Tensor } from "@singleshot/torch";
import { boxesFromInput } from "@singleshot/vision";
import { describe, expect, test } from "vitest";
import type { GroundTruth } from "../losses/index.js";
import { recipes, resolveRecipe } from "../recipes/index.js";
import {
  fillModule,
  type GoldenForward,
  goldenDetector,
  goldenTensor,
  gradientsOf,
  groundTruth,
  numbers,
} from "../testing/golden-detector.js";
import { createDetector, type Detector, prepare } from "./index.js";

/** float64 is the sharp comparison; float32 shows that the fast path says the same. Tolerances: fixtures/golden/README.md, section 4. */
const precisions = [
  {
    dtype: "float64",
    folder: "models64",
    tol: 1e-8,
    trainTol: 1e-8,
    lossTol: [1e-8, 1e-8, 1e-8, 1e-8],
    gradients: { globalTol: 1e-8, l2Tol: 1e-8 },
    deltaTol: 1e-7,
  },
  {
    dtype: "float32",
    folder: "models",
    tol: 5e-5,
    trainTol: 3e-4,
    lossTol: [2e-5, 1e-2, 2e-2, 5e-2],
    gradients: { globalTol: 1e-2, l2Tol: 2e-1, probeTol: 3e-1, medianTol: 1e-2 },
  },
] as const;

const MINUTES = 60_000; // float64 has no fast kernels

describe.each(precisions)(
  "ssdlite320 in $dtype equals torchvision's",
  { timeout: 5 * MINUTES },
  ({ dtype, folder, tol, trainTol, lossTol, gradients, ...rest }) => {
    const theirs = goldenDetector(`${folder}/ssdlite320_mobilenet_v3_large`);
    const sumTol = dtype === "float32" ? 5e-6 : tol;
    const classes = Array.from({ length: theirs.config.num_classes - 1 }, (_, i) => `class ${i + 1}`);
    const fresh = () => fillModule(createDetector(resolveRecipe(recipes.get("ssdlite320")).detector, classes), theirs.fill, dtype);
    const record = (values: Tensor, theirRecord: GoldenForward["anchors"], name: string) =>
      expectRecord(numbers(values), values.shape, theirRecord, { tol, sumTol, name });

    test("the state dict has its keys and shapes, in order", () => {
      const own = [...fresh().stateDict()].map(([key, { shape }]) => `${key} ${shape}`);
      expect(own).toEqual(theirs.state.map(([key, shape]) => `${key} ${shape}`));
    });

    test.each(["eval", "eval_resized"] as const)("%s: batch, maps, anchors, answers and detections", (mode) => {
      const golden = theirs[mode];
      const detector = fresh().eval();
      scope(() =>
        noGrad(() => {
          const { batch, placements } = prepare(
            detector,
            golden.images.map((image) => goldenTensor(image, dtype)),
          );
          record(batch, golden.transformed.batch, "batch");
          for (const [i, map] of detector.network.features(batch).entries()) record(map, golden.features[i]!, `map ${i}`);
          const raw = detector.forward(batch);
          expectRecord(numbers(raw.anchors.xyxy), raw.anchors.xyxy.shape, golden.anchors, { tol: 2e-6, name: "anchors" });
          record(raw.logits, golden.cls_logits, "logits");
          record(raw.deltas, golden.bbox_regression, "deltas");
          detector.postprocess(raw).forEach((found, i) => {
            const boxes = boxesFromInput(found.boxes, placements[i]!);
            expectDetections({ ...found, boxes }, golden.detections[i]!, { name: `image ${i}` });
          });
        }),
      );
    });

    test("training: losses, gradients and running statistics of the first step, then the losses and changes of SGD's steps", () => {
      const detector = fresh().train();
      const { images, truth } = batchOf(detector, theirs.eval, theirs.train.targets, dtype);
      const trained = [...detector.parameters()];
      const initial = new Map(trained.map(([name, parameter]) => [name, numbers(parameter)]));
      const { lr, momentum, weight_decay, steps } = theirs.sgd;
      const optimizer = new optim.SGD([{ parameters: detector.parameters().values() }], {
        learningRate: lr,
        momentum,
        weightDecay: weight_decay,
      });

      const first = forwardBackward(detector, images, truth);
      const { bbox_regression, classification, total } = theirs.train.losses;
      expectClose([first.regression, first.classification, first.total], [bbox_regression, classification, total], {
        rtol: lossTol[0],
        name: "losses",
      });
      expectGradients(gradientsOf(detector), theirs.train.gradients, gradients);
      expectRunningStatistics(detector, trainTol);

      const losses = [first.total];
      for (let i = 1; i <= steps; i++) {
        optimizer.step();
        detector.zeroGrad();
        losses.push(
          i < steps
            ? forwardBackward(detector, images, truth).total
            : scope(() => noGrad(() => totalLoss(detector, images, truth).total.item())),
        );
      }
      for (const [i, loss] of [...theirs.sgd.loss_before_each_step, theirs.sgd.loss_after_last_step].entries()) {
        expectClose([losses[i]!], [loss], { rtol: lossTol[Math.min(i, 3)]!, name: `loss after ${i} steps` });
      }
      const changes = trained.map(([name, parameter]) => [name, initial.get(name)!, numbers(parameter)] as const);
      if ("deltaTol" in rest) expectSgdDeltas(changes, theirs.sgd, { tol: rest.deltaTol });
    });

    test("losses when one image of the batch has no boxes", () => {
      const detector = fresh().train();
      const targets = theirs.train.targets.map((target, i) => (i === 0 ? { boxes: [], labels: [] } : target));
      const { images, truth } = batchOf(detector, theirs.eval, targets, dtype);
      const { classification, regression } = scope(() => noGrad(() => detector.loss(detector.forward(images), truth)));
      const expected = theirs.train.losses_first_image_without_targets;
      expectClose([regression.item(), classification.item()], [expected.bbox_regression, expected.classification], { rtol: lossTol[0] });
    });

    function expectRunningStatistics(detector: Detector, tol: number): void {
      const state = detector.stateDict();
      for (const { name, running_mean, running_var, num_batches_tracked } of theirs.train.batch_norm) {
        const entry = (key: string) => state.get(`${name}.${key}`)!;
        expectRecord(numbers(entry("running_mean")), running_mean.shape, running_mean, { tol, name: `${name}.running_mean` });
        expectRecord(numbers(entry("running_var")), running_var.shape, running_var, { tol, name: `${name}.running_var` });
        expect(entry("num_batches_tracked").item()).toBe(num_batches_tracked);
      }
    }
  },
);

function batchOf(
  detector: Detector,
  golden: GoldenForward,
  targets: Parameters<typeof groundTruth>[0],
  dtype: DType,
): { images: Tensor; truth: GroundTruth } {
  const { batch: images } = scope(() =>
    prepare(
      detector,
      golden.images.map((image) => goldenTensor(image, dtype)),
    ),
  );
  return { images, truth: groundTruth(targets, dtype) };
}

function totalLoss(detector: Detector, images: Tensor, truth: GroundTruth) {
  const { classification, regression } = detector.loss(detector.forward(images), truth);
  return { classification, regression, total: classification.add(regression) };
}

function forwardBackward(detector: Detector, images: Tensor, truth: GroundTruth) {
  return scope(() => {
    const { classification, regression, total } = totalLoss(detector, images, truth);
    total.backward();
    return { classification: classification.item(), regression: regression.item(), total: total.item() };
  });
}
