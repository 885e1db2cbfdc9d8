import {
  expectClose,
  expectGradients,
  expectRecord,
  expectSgdDeltas,
  type GoldenGradients,
  type StatisticRecord,
} from "@singleshot/testing";
import { type DType, noGrad, optim, scope, type Tensor } from "@singleshot/torch";
import { expect } from "vitest";
import type { Detector } from "../detectors/index.js";
import type { Losses } from "../losses/index.js";
import type { BatchNormRecord } from "./golden-classifier.js";
import { type GoldenDescent, gradientsOf, numbers } from "./golden-detector.js";

/** How far apart we and an original may be: fixtures/golden/README.md, section 4. */
export interface Precision {
  dtype: DType;
  folder: string;
  /** In evaluation mode, of the elements and of the sums. */
  tol: number;
  sumTol: number;
  /** Running statistics after one step. */
  trainTol: number;
  /** The loss before the first step of SGD, the second, the third, and after the last. */
  lossTol: [number, number, number, number];
  gradients: Parameters<typeof expectGradients>[2];
  /** What SGD does to the parameters; in float32 this is no test. */
  deltaTol?: number;
}

/** float64 is the sharp comparison; float32 shows that the fast path says the same. */
export const precisions: { float64: Precision; float32: Precision } = {
  float64: {
    dtype: "float64",
    folder: "models64",
    tol: 1e-8,
    sumTol: 1e-8,
    trainTol: 1e-8,
    lossTol: [1e-8, 1e-8, 1e-8, 1e-8],
    gradients: { globalTol: 1e-8, l2Tol: 1e-8 },
    deltaTol: 1e-7,
  },
  float32: {
    dtype: "float32",
    folder: "models",
    tol: 5e-5,
    sumTol: 5e-6,
    trainTol: 3e-4,
    lossTol: [2e-5, 1e-2, 2e-2, 5e-2],
    gradients: { globalTol: 1e-2, l2Tol: 2e-1, probeTol: 3e-1, medianTol: 1e-2 },
  },
};

/** What a model file says of the first step and of those of SGD. */
export interface GoldenTraining {
  losses: { classification: number; regression: number };
  gradients: GoldenGradients;
  batch_norm: BatchNormRecord[];
  sgd?: GoldenDescent | undefined;
}

/**
 * Training on one batch from the golden weights: losses, gradients and running statistics, then the losses and changes of SGD's steps.
 *
 * @param forward runs the detector on the batch and tells how wrong it is
 */
export function expectTraining(detector: Detector, forward: () => Losses, theirs: GoldenTraining, precision: Precision): void {
  const before = theirs.sgd && trainedBy(detector).map(([name, parameter]) => [name, numbers(parameter)] as const);
  const { classification, regression } = forwardBackward(forward);
  expectClose([classification, regression], [theirs.losses.classification, theirs.losses.regression], {
    rtol: precision.lossTol[0],
    name: "losses",
  });
  expectGradients(gradientsOf(detector), theirs.gradients, precision.gradients);
  expectRunningStatistics(detector, theirs.batch_norm, precision.trainTol);
  if (!theirs.sgd) return;
  const { loss_before_each_step, loss_after_last_step } = theirs.sgd;
  const losses = [classification + regression, ...stepLosses(detector, forward, theirs.sgd)];
  for (const [i, loss] of [...loss_before_each_step, loss_after_last_step].entries())
    expectClose([losses[i]!], [loss], { rtol: precision.lossTol[Math.min(i, 3)]!, name: `loss after ${i} steps` });
  const after = detector.parameters();
  const changes = before!.map(([name, initial]) => [name, initial, numbers(after.get(name)!)] as const);
  if (precision.deltaTol) expectSgdDeltas(changes, theirs.sgd, { tol: precision.deltaTol });
}

/** The loss after each step, with the gradients of the first already there. */
function stepLosses(detector: Detector, forward: () => Losses, sgd: GoldenDescent): number[] {
  const { lr, momentum, weight_decay, steps } = sgd;
  const optimizer = new optim.SGD(groupsOf(detector, sgd), { learningRate: lr, momentum, weightDecay: weight_decay });
  return Array.from({ length: steps }, (_, i) => {
    optimizer.step();
    detector.zeroGrad();
    const { classification, regression } = i < steps - 1 ? forwardBackward(forward) : noGrad(() => evaluated(forward));
    return classification + regression;
  });
}

function groupsOf(detector: Detector, { lr, groups }: GoldenDescent) {
  const parameters = trainedBy(detector);
  if (!groups) return [{ parameters: parameters.map(([, parameter]) => parameter) }];
  return groups.map((group) => ({
    parameters: parameters.filter(([name]) => group.prefix.some((prefix) => name.startsWith(prefix))).map(([, parameter]) => parameter),
    learningRateScale: group.lr / lr,
  }));
}

const trainedBy = (detector: Detector) => [...detector.parameters()].filter(([, { requiresGrad }]) => requiresGrad);
const forwardBackward = (forward: () => Losses) => evaluated(forward, (total) => total.backward());

function evaluated(forward: () => Losses, use: (total: Tensor) => void = () => {}) {
  return scope(() => {
    const { classification, regression } = forward();
    use(classification.add(regression));
    return { classification: classification.item(), regression: regression.item() };
  });
}

function expectRunningStatistics(detector: Detector, records: readonly BatchNormRecord[], tol: number): void {
  const state = detector.stateDict();
  for (const { name, running_mean, running_var, num_batches_tracked } of records) {
    const entry = (key: string, record: StatisticRecord) =>
      expectRecord(numbers(state.get(`${name}.${key}`)!), record.shape, record, { tol, name: `${name}.${key}` });
    entry("running_mean", running_mean);
    entry("running_var", running_var);
    expect(state.get(`${name}.num_batches_tracked`)!.item()).toBe(num_batches_tracked);
  }
}
