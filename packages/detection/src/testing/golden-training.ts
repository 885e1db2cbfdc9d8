import { expectClose, expectGradients, expectRecord, type GoldenGradients } from "@singleshot/testing";
import { noGrad, optim, scope } from "@singleshot/torch";
import { expect } from "vitest";
import type { Detector } from "../detectors/index.js";
import type { Losses } from "../losses/index.js";
import type { BatchNormRecord } from "./golden-classifier.js";
import { gradientsOf, numbers } from "./golden-detector.js";

/** What a model file says of training on one batch, from fresh weights. */
export interface GoldenTraining {
  losses: { classification: number; regression: number };
  gradients: GoldenGradients;
  batchNorm: BatchNormRecord[];
  sgd: {
    lr: number;
    momentum: number;
    weight_decay: number;
    loss_before_each_step: number[];
    loss_after_last_step: number;
  };
}

/** In float32; fixtures/golden/README.md, section 4. */
const tolerances = {
  losses: [2e-5, 1e-2, 2e-2, 5e-2],
  gradients: { globalTol: 1e-2, l2Tol: 2e-1, probeTol: 3e-1, medianTol: 1e-2 },
  statistics: 3e-4,
};

/**
 * Losses, gradients and running statistics of the first step, then the loss before each step of SGD and after the last. Changes the detector.
 *
 * @param forward runs the detector on the batch and tells how wrong it is
 */
export function expectTraining(detector: Detector, forward: () => Losses, theirs: GoldenTraining): void {
  detector.train();
  const { classification, regression } = theirs.losses;
  const first = step(forward);
  expectClose([first.classification, first.regression], [classification, regression], { rtol: tolerances.losses[0]!, name: "losses" });
  expectGradients(gradientsOf(detector), theirs.gradients, tolerances.gradients);
  expectStatistics(detector, theirs.batchNorm);

  const { lr: learningRate, momentum, weight_decay: weightDecay, loss_before_each_step, loss_after_last_step } = theirs.sgd;
  const trained = [...detector.parameters().values()].filter(({ requiresGrad }) => requiresGrad);
  const optimizer = new optim.SGD([{ parameters: trained }], { learningRate, momentum, weightDecay });
  for (const [i, loss] of [...loss_before_each_step.slice(1), loss_after_last_step].entries()) {
    optimizer.step();
    detector.zeroGrad();
    const last = i + 1 === loss_before_each_step.length;
    const ours = last ? noGrad(() => step(forward, { backward: false })) : step(forward);
    expectClose([ours.classification + ours.regression], [loss], { rtol: tolerances.losses[i + 1]!, name: `loss after ${i + 1} steps` });
  }
}

function step(forward: () => Losses, { backward = true }: { backward?: boolean } = {}) {
  return scope(() => {
    const { classification, regression } = forward();
    if (backward) classification.add(regression).backward();
    return { classification: classification.item(), regression: regression.item() };
  });
}

function expectStatistics(detector: Detector, records: readonly BatchNormRecord[]): void {
  const state = detector.stateDict();
  for (const { name, num_batches_tracked, ...rest } of records) {
    for (const [key, record] of Object.entries(rest)) {
      const values = state.get(`${name}.${key}`)!;
      expectRecord(numbers(values), values.shape, record, { tol: tolerances.statistics, name: `${name}.${key}` });
    }
    expect(state.get(`${name}.num_batches_tracked`)!.item(), name).toBe(num_batches_tracked);
  }
}
