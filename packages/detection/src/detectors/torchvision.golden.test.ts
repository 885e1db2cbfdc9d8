import { expectClose, expectDetections, expectRecord, type InputRecipe, type StatisticRecord } from "@singleshot/testing";
import { type DType, noGrad, scope, type Tensor } from "@singleshot/torch";
import { boxesFromInput } from "@singleshot/vision";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { GroundTruth } from "../losses/index.js";
import { merge, type Recipe, recipes, resolveRecipe } from "../recipes/index.js";
import {
  fillModule,
  type GoldenDetector,
  type GoldenTargets,
  goldenDetector,
  goldenTensor,
  groundTruth,
  numbers,
} from "../testing/golden-detector.js";
import { expectTraining, precisions } from "../testing/golden-training.js";
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

const MINUTES = 60_000; // float64 has no fast kernels

const cases = rows.flatMap((row) =>
  [...(row.double ? (["float64"] as const) : []), "float32" as const].map((dtype) => ({ ...row, dtype })),
);

describe.each(cases)("$file in $dtype equals torchvision's", { timeout: 5 * MINUTES }, ({ file, dtype, ...row }) => {
  const precision = precisions[dtype];
  const { folder, tol, sumTol } = precision;
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
    const { bbox_regression, classification } = train.losses;
    const training = { ...train, losses: { classification, regression: bbox_regression }, ...(sgd && { sgd }) };
    expectTraining(detector, () => lossesOf(detector, batch), training, precision);
  });

  test("losses when one image of the batch has no boxes", () => {
    fresh().train();
    const targets = train.targets.map((target, i) => (i === 0 ? { boxes: [], labels: [] } : target));
    const batch = batchOf(detector, theirs.eval.images, targets, dtype);
    const { classification, regression } = scope(() => noGrad(() => lossesOf(detector, batch)));
    const expected = train.losses_first_image_without_targets;
    expectClose([regression.item(), classification.item()], [expected.bbox_regression, expected.classification], {
      rtol: precision.lossTol[0],
    });
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

const lossesOf = (detector: Detector, { images, truth }: Batch) => detector.loss(detector.forward(images), truth);
