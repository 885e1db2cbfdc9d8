import type { Evaluation } from "@singleshot/detection";
import { clock, namespaceText, type Watcher } from "../program/index.js";
import { cocoLines } from "./coco-lines.js";
import { type MetricLogger, metricLogger } from "./metric-logger.js";

interface LogFlags {
  printFreq: number;
  /** of several processes */
  rank?: number;
  distUrl?: string;
}

/** The log of train.py. */
export function trainLog(say: (line: string) => void, flags: LogFlags, now = () => performance.now()): Watcher {
  const { printFreq } = flags;
  const start = now();
  const testing = testLines(say, now);
  let logger: MetricLogger;
  return {
    started() {
      const { rank, distUrl } = flags;
      const mode = rank === undefined ? "Not using distributed mode" : `| distributed init (rank ${rank}): ${distUrl}`;
      const before = [mode, namespaceText(flags), "Loading data", "Creating data loaders", "Creating model"];
      for (const line of [...before, "Start training"]) say(line);
    },
    stepped(report) {
      const { epoch, stepInEpoch, stepsPerEpoch, learningRate, loss, regression, classification } = report;
      if (stepInEpoch === 1) logger = metricLogger(`Epoch: [${epoch - 1}]`, { plain: ["lr"] });
      logger.add({ lr: learningRate, loss, bbox_regression: regression, classification }, report);
      const i = stepInEpoch - 1;
      if (i % printFreq === 0 || stepInEpoch === stepsPerEpoch) say(logger.line(i, stepsPerEpoch));
    },
    trained({ steps }) {
      say(logger.total(steps));
      testing.begin();
    },
    evaluating: testing.done,
    evaluated({ evaluation }) {
      if (evaluation) for (const line of evaluationLines(evaluation)) say(line);
    },
    ended: () => say(`Training time ${clock(now() - start)}`),
  };
}

const PICTURES_A_LINE = 100;

/** `Test:  [99/500]  eta: 0:00:40  model_time: 0.1000 (0.1000)  time: 0.1000  data: 0.0000`, every hundred pictures and at the end. */
function testLines(
  say: (line: string) => void,
  now: () => number,
): { begin(): void; done(progress: { done: number; total: number }): void } {
  let [logger, before, counted] = [metricLogger("Test:"), now(), 0];
  return {
    begin() {
      [logger, before, counted] = [metricLogger("Test:"), now(), 0];
    },
    done({ done, total }) {
      const durationMs = (now() - before) / Math.max(1, done - counted);
      logger.add({ model_time: durationMs / 1000 }, { durationMs, waitedMs: 0 });
      if (Math.floor(done / PICTURES_A_LINE) > Math.floor(counted / PICTURES_A_LINE) || done === total) say(logger.line(done - 1, total));
      [before, counted] = [now(), done];
    },
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
