import type { Evaluation } from "@singleshot/detection";
import { clock, type Watcher } from "../program/index.js";
import { cocoLines } from "./coco-lines.js";
import { type MetricLogger, metricLogger } from "./metric-logger.js";

/** The log of train.py. */
export function trainLog(say: (line: string) => void, { printFreq }: { printFreq: number }, now = () => performance.now()): Watcher {
  const start = now();
  let logger: MetricLogger;
  return {
    started() {
      for (const line of ["Not using distributed mode", "Loading data", "Creating data loaders", "Creating model", "Start training"])
        say(line);
    },
    stepped(report) {
      const { epoch, stepInEpoch, stepsPerEpoch, learningRate, loss, regression, classification } = report;
      if (stepInEpoch === 1) logger = metricLogger(`Epoch: [${epoch - 1}]`, { plain: ["lr"] });
      logger.add({ lr: learningRate, loss, bbox_regression: regression, classification }, report);
      const i = stepInEpoch - 1;
      if (i % printFreq === 0 || stepInEpoch === stepsPerEpoch) say(logger.line(i, stepsPerEpoch));
    },
    trained: ({ steps }) => say(logger.total(steps)),
    evaluated({ evaluation }) {
      if (evaluation) for (const line of evaluationLines(evaluation)) say(line);
    },
    ended: () => say(`Training time ${clock(now() - start)}`),
  };
}

/** What the original says of an evaluation. */
export function evaluationLines({ images, durationMs, coco }: Evaluation): string[] {
  const seconds = durationMs / 1000;
  return [
    `Test: Total time: ${clock(durationMs)} (${(seconds / images).toFixed(4)} s / it)`,
    `Averaged stats: model_time: ${(seconds / images).toFixed(4)} (${(seconds / images).toFixed(4)})`,
    "IoU metric: bbox",
    ...cocoLines(coco ?? []),
  ];
}
