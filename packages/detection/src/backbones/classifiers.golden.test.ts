import { expectClose, expectGradients, expectRecord, type StatisticRecord } from "@singleshot/testing";
import { nn, noGrad, ops, optim, scope, type Tensor, tensor } from "@singleshot/torch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goldenClassifier } from "../testing/golden-classifier.js";
import { fillModule, goldenTensor, gradientsOf, numbers } from "../testing/golden-detector.js";
import { type Classifier, classifiers } from "./index.js";

/** float64 is the sharp comparison; float32 shows that the fast path says the same. Tolerances: fixtures/golden/README.md, section 4. */
const tolerances = {
  float64: {
    folder: "models64",
    evaluation: { tol: 1e-8 },
    training: { tol: 1e-8 },
    losses: [1e-8, 1e-8, 1e-8, 1e-8],
    gradients: { globalTol: 1e-8, l2Tol: 1e-8 },
  },
  float32: {
    folder: "models",
    evaluation: { tol: 5e-5, sumTol: 5e-6 },
    training: { tol: 3e-4 },
    losses: [2e-5, 1e-2, 2e-2, 5e-2],
    gradients: { globalTol: 1e-2, l2Tol: 2e-1, probeTol: 3e-1, medianTol: 1e-2 },
  },
} as const;

const rows: { file: string; name: string; dtype: keyof typeof tolerances }[] = [
  { file: "vgg16", name: "vgg16", dtype: "float32" },
  { file: "mobilenet_v2_w0.5", name: "mobilenet-v2", dtype: "float64" },
  { file: "mobilenet_v2_w0.5", name: "mobilenet-v2", dtype: "float32" },
  { file: "mobilenet_v2_w1", name: "mobilenet-v2", dtype: "float32" },
  { file: "mobilenet_v3_large", name: "mobilenet-v3-large", dtype: "float32" },
  { file: "resnet50", name: "resnet50", dtype: "float64" },
  { file: "resnet50", name: "resnet50", dtype: "float32" },
];

const SECONDS = 1000; // VGG16 has 138 million weights to fill, float64 has no fast kernels

describe.each(rows)("$file in $dtype equals torchvision's", { timeout: 120 * SECONDS }, ({ file, name, dtype }) => {
  const { folder, evaluation, training, losses, gradients } = tolerances[dtype];
  const theirs = goldenClassifier(`${folder}/${file}`);
  const { num_classes: classes, width_mult: width = 1 } = theirs.config;
  const fresh = () => fillModule(classifiers.get(name)!({ classes, width }), theirs.fill, dtype);
  const images = goldenTensor(theirs.input, dtype);
  const labels = tensor(BigInt64Array.from(theirs.train.labels, BigInt));

  let net: Classifier;
  beforeAll(() => {
    net = fresh();
  });
  afterAll(() => net.dispose());

  test("the state dict has its keys and shapes, in order", () => {
    const own = [...net.stateDict()].map(([key, { shape }]) => `${key} ${shape}`);
    expect(own).toEqual(theirs.state.map(([key, shape]) => `${key} ${shape}`));
  });

  test("the maps of every stage and the logits", () => {
    const watched = fresh().eval();
    const seen = watch(watched, theirs.eval.taps, (map, record) => expectTensorRecord(map, record, record.name, evaluation));
    scope(() => noGrad(() => expectTensorRecord(watched.forward(images), theirs.eval.logits, "logits", evaluation)));
    expect(seen).toEqual(theirs.eval.taps.map((record) => record.name));
    watched.dispose();
  });

  test("training: logits, loss, gradients and running statistics, then the losses of SGD's steps", () => {
    trainWithoutDropout(net);
    const first = scope(() => {
      const logits = net.forward(images);
      expectTensorRecord(logits, theirs.train.logits, "logits", training);
      const loss = ops.crossEntropyLoss(logits, labels);
      loss.backward();
      return loss.item();
    });
    expectClose([first], [theirs.train.loss], { rtol: losses[0], name: "loss" });
    expectGradients(gradientsOf(net), theirs.train.gradients, gradients);
    const state = net.stateDict();
    for (const { name: layer, num_batches_tracked, ...records } of theirs.train.batch_norm) {
      for (const [key, record] of Object.entries(records))
        expectTensorRecord(state.get(`${layer}.${key}`)!, record, `${layer}.${key}`, training);
      expect(state.get(`${layer}.num_batches_tracked`)!.item()).toBe(num_batches_tracked);
    }
    if (theirs.sgd) expectSgdLosses(theirs.sgd);
  });

  /** The gradients of the first step are there already. */
  function expectSgdLosses(sgd: NonNullable<typeof theirs.sgd>): void {
    const optimizer = new optim.SGD([{ parameters: net.parameters().values() }], {
      learningRate: sgd.lr,
      momentum: sgd.momentum,
      weightDecay: sgd.weight_decay,
    });
    for (const [i, loss] of [...sgd.loss_before_each_step.slice(1), sgd.loss_after_last_step].entries()) {
      optimizer.step();
      net.zeroGrad();
      const ours = scope(() => {
        const next = ops.crossEntropyLoss(net.forward(images), labels);
        next.backward();
        return next.item();
      });
      expectClose([ours], [loss], { rtol: losses[i + 1]!, name: `loss after ${i + 1} steps` });
    }
  }
});

function expectTensorRecord(values: Tensor, record: StatisticRecord, name: string, tolerance: { tol: number; sumTol?: number }): void {
  expectRecord(numbers(values), values.shape, record, { ...tolerance, name });
}

/** Shows the output of every layer that has a record, at once: the next layer may overwrite it. @returns the names seen, in order */
function watch<R extends { name: string }>(net: nn.Module, records: readonly R[], look: (map: Tensor, record: R) => void): string[] {
  const seen: string[] = [];
  const byName = new Map(records.map((record) => [record.name, record]));
  for (const [name, part] of net.modules()) {
    const record = byName.get(name);
    if (!record || !(part instanceof nn.Layer)) continue;
    const forward = part.forward.bind(part);
    part.forward = (input) => {
      const output = forward(input);
      look(output, record);
      seen.push(name);
      return output;
    };
  }
  return seen;
}

function trainWithoutDropout(net: nn.Module): void {
  for (const [, part] of net.train().modules()) if (part instanceof nn.Dropout) part.eval();
}
