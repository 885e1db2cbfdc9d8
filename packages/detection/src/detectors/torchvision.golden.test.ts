import {
  expectClose,
  expectDetections,
  expectGradients,
  expectRecord,
  expectSgdDeltas,
  type InputRecipe,
  type StatisticRecord,
} from "@singleshot/testing";
import { type DType, noGrad, optim, scope, type Tensor } from "@singleshot/torch";
import { boxesFromInput } from "@singleshot/vision";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { GroundTruth } from "../losses/index.js";
import { merge, type Recipe, recipes, resolveRecipe } from "../recipes/index.js";
import type { BatchNormRecord } from "../testing/golden-classifier.js";
import {
  fillModule,
  type GoldenDescent,
  type GoldenDetector,
  type GoldenTargets,
  goldenDetector,
  goldenTensor,
  gradientsOf,
  groundTruth,
  numbers,
} from "../testing/golden-detector.js";
import { createDetector, type Detector, freeze, prepare } from "./index.js";

interface Row {
  /** The golden file. */
  file: string;
  recipe: string;
  /** What the golden file has otherwise than the recipe. */
  network?: object;
  /** Whether there are numbers in float64. */
  double?: boolean;
  frozen?: boolean;
}

const rows: Row[] = [
  { file: "ssd300_vgg16", recipe: "ssd300-vgg16" },
  { file: "ssdlite320_mobilenet_v3_large", recipe: "ssdlite320", double: true },
  { file: "ssdlite320_mobilenet_v3_large_fulltail", recipe: "ssdlite320-fulltail" },
  { file: "retinanet_resnet50_fpn", recipe: "retinanet-resnet50", network: { norm: "batch" }, double: true },
  { file: "retinanet_resnet50_fpn_frozenbn", recipe: "retinanet-resnet50", double: true, frozen: true },
  { file: "retinanet_resnet50_fpn_v2", recipe: "retinanet-resnet50-v2", double: true },
];

/** float64 is the sharp comparison; float32 shows that the fast path says the same. Tolerances: fixtures/golden/README.md, section 4. */
const precisions = {
  float64: {
    folder: "models64",
    tol: 1e-8,
    sumTol: 1e-8,
    trainTol: 1e-8,
    lossTol: [1e-8, 1e-8, 1e-8, 1e-8],
    gradients: { globalTol: 1e-8, l2Tol: 1e-8 },
    deltaTol: 1e-7,
  },
  float32: {
    folder: "models",
    tol: 5e-5,
    sumTol: 5e-6,
    trainTol: 3e-4,
    lossTol: [2e-5, 1e-2, 2e-2, 5e-2],
    gradients: { globalTol: 1e-2, l2Tol: 2e-1, probeTol: 3e-1, medianTol: 1e-2 },
    deltaTol: undefined,
  },
};

const MINUTES = 60_000; // float64 has no fast kernels

const cases = rows.flatMap((row) =>
  [...(row.double ? (["float64"] as const) : []), "float32" as const].map((dtype) => ({ ...row, dtype })),
);

describe.each(cases)("$file in $dtype equals torchvision's", { timeout: 5 * MINUTES }, ({ file, dtype, ...row }) => {
  const { folder, tol, sumTol, trainTol, lossTol, gradients, deltaTol } = precisions[dtype];
  const theirs = goldenDetector(`${folder}/${file}`);
  // one for all tests: to make and to fill it takes seconds
  let detector: Detector;
  let weights: Map<string, Tensor>;
  const fresh = () => {
    detector.zeroGrad();
    detector.loadStateDict(weights);
    return detector;
  };
  const record = (values: Tensor, theirRecord: StatisticRecord, name: string) =>
    expectRecord(numbers(values), values.shape, theirRecord, { tol, sumTol, name });

  beforeAll(() => {
    const recipe = recipeOf(row, theirs.config);
    detector = fillModule(createDetector(recipe.detector, classesOf(theirs.config.num_classes)), theirs.fill, dtype);
    weights = new Map([...detector.stateDict()].map(([key, value]) => [key, value.detach().clone()]));
    if (row.frozen) freeze(detector, recipe.training.freeze!);
  });
  afterAll(() => {
    detector.dispose();
    for (const value of weights.values()) value.dispose();
  });

  test("the state dict has its keys and shapes, in order, and the same parameters are frozen", () => {
    const own = [...detector.stateDict()].map(([key, { shape }]) => `${key} ${shape}`);
    expect(own).toEqual(theirs.state.map(([key, shape]) => `${key} ${shape}`));
    const frozen = [...detector.parameters()].filter(([, { requiresGrad }]) => !requiresGrad).map(([key]) => key);
    expect(frozen).toEqual(theirs.frozen_parameters ?? []);
  });

  const modes = (["eval", "eval_resized"] as const).filter((mode) => theirs[mode]);

  test.each(modes)("%s: batch, maps, anchors, answers and detections", (mode) => {
    const golden = theirs[mode]!;
    fresh().eval();
    scope(() =>
      noGrad(() => {
        const images = golden.images.map((image) => goldenTensor(image, dtype));
        const { batch, placements } = prepare(detector, images);
        record(batch, golden.transformed.batch, "batch");
        const raw = watchingFeatures(
          detector,
          (map, i) => record(map, golden.features[i]!, `map ${i}`),
          () => detector.forward(batch),
        );
        expectRecord(numbers(raw.anchors.xyxy), raw.anchors.xyxy.shape, golden.anchors, { tol: 2e-6, name: "anchors" });
        record(raw.logits, golden.cls_logits, "logits");
        record(raw.deltas, golden.bbox_regression, "deltas");
        const windows = placements.map(({ window }) => window);
        detector.postprocess(raw, windows).forEach((found, i) => {
          const boxes = boxesFromInput(found.boxes, placements[i]!);
          expectDetections({ ...found, boxes }, golden.detections[i]!, { name: `image ${i}` });
        });
      }),
    );
  });

  const { train, sgd } = theirs;
  if (!train) return;

  test("training: losses, gradients and running statistics of the first step, then the losses and changes of SGD's steps", () => {
    fresh().train();
    const batch = batchOf(detector, theirs.eval.images, train.targets, dtype);
    const first = forwardBackward(detector, batch);
    const { bbox_regression, classification, total } = train.losses;
    expectClose([first.regression, first.classification, first.total], [bbox_regression, classification, total], {
      rtol: lossTol[0]!,
      name: "losses",
    });
    expectGradients(gradientsOf(detector), train.gradients, gradients);
    expectRunningStatistics(detector, train.batch_norm, trainTol);
    if (!sgd) return;
    const { losses, changes } = descend(detector, sgd, batch);
    const expected = [...sgd.loss_before_each_step, sgd.loss_after_last_step];
    for (const [i, loss] of [first.total, ...losses].entries())
      expectClose([loss], [expected[i]!], { rtol: lossTol[i]!, name: `loss after ${i} steps` });
    if (deltaTol) expectSgdDeltas(changes, sgd, { tol: deltaTol });
  });

  test("losses when one image of the batch has no boxes", () => {
    fresh().train();
    const targets = train.targets.map((target, i) => (i === 0 ? { boxes: [], labels: [] } : target));
    const batch = batchOf(detector, theirs.eval.images, targets, dtype);
    const { classification, regression } = scope(() => noGrad(() => totalLoss(detector, batch)));
    const expected = train.losses_first_image_without_targets;
    expectClose([regression.item(), classification.item()], [expected.bbox_regression, expected.classification], { rtol: lossTol[0]! });
  });
});

/** The row's recipe, at the golden file's input size. */
function recipeOf({ recipe, network = {} }: Pick<Row, "recipe" | "network">, { min_size, max_size }: GoldenDetector["config"]): Recipe {
  const input = min_size && max_size ? { shortSides: [min_size], longSide: max_size } : {};
  return resolveRecipe(merge(recipes.get(recipe), { detector: { network, input } }));
}

const classesOf = (channels: number) => Array.from({ length: channels - 1 }, (_, i) => `class ${i + 1}`);

/** What `run` gives, while every map that the network's heads see is shown to `look`. */
function watchingFeatures<T>({ network }: Detector, look: (map: Tensor, i: number) => void, run: () => T): T {
  const features = network.features.bind(network);
  const spy = vi.spyOn(network, "features").mockImplementation((images) => {
    const maps = features(images);
    maps.forEach(look);
    return maps;
  });
  try {
    return run();
  } finally {
    spy.mockRestore();
  }
}

interface Batch {
  images: Tensor;
  truth: GroundTruth;
}

function batchOf(detector: Detector, images: readonly InputRecipe[], targets: GoldenTargets, dtype: DType): Batch {
  const { batch } = scope(() =>
    prepare(
      detector,
      images.map((image) => goldenTensor(image, dtype)),
    ),
  );
  return { images: batch, truth: groundTruth(targets, dtype) };
}

function totalLoss(detector: Detector, { images, truth }: Batch) {
  const { classification, regression } = detector.loss(detector.forward(images), truth);
  return { classification, regression, total: classification.add(regression) };
}

function forwardBackward(detector: Detector, batch: Batch) {
  return scope(() => {
    const { classification, regression, total } = totalLoss(detector, batch);
    total.backward();
    return { classification: classification.item(), regression: regression.item(), total: total.item() };
  });
}

/** SGD's steps on one batch, of which the first gradients are there: the losses after each, and each parameter before and after all. */
function descend(detector: Detector, { lr, momentum, weight_decay, steps }: GoldenDescent, batch: Batch) {
  const trained = [...detector.parameters()].filter(([, { requiresGrad }]) => requiresGrad);
  const before = trained.map(([, parameter]) => numbers(parameter));
  const optimizer = new optim.SGD([{ parameters: trained.map(([, parameter]) => parameter) }], {
    learningRate: lr,
    momentum,
    weightDecay: weight_decay,
  });
  const losses: number[] = [];
  for (let i = 1; i <= steps; i++) {
    optimizer.step();
    detector.zeroGrad();
    losses.push(i < steps ? forwardBackward(detector, batch).total : scope(() => noGrad(() => totalLoss(detector, batch).total.item())));
  }
  return { losses, changes: trained.map(([name, parameter], k) => [name, before[k]!, numbers(parameter)] as const) };
}

function expectRunningStatistics(detector: Detector, records: readonly BatchNormRecord[], tol: number): void {
  const state = detector.stateDict();
  for (const { name, running_mean, running_var, num_batches_tracked } of records) {
    const entry = (key: string) => state.get(`${name}.${key}`)!;
    expectRecord(numbers(entry("running_mean")), running_mean.shape, running_mean, { tol, name: `${name}.running_mean` });
    expectRecord(numbers(entry("running_var")), running_var.shape, running_var, { tol, name: `${name}.running_var` });
    expect(entry("num_batches_tracked").item()).toBe(num_batches_tracked);
  }
}
