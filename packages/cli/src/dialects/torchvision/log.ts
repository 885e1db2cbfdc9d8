import { clock, namespaceText, type Watcher } from "../program/index.js";
import { type MetricLogger, metricLogger } from "./metric-logger.js";
import { testLines } from "./test-lines.js";
import { firstEpoch, type TrainFlags } from "./train-rows.js";

interface LogFlags extends Pick<TrainFlags, "printFreq" | "start_epoch" | "resume"> {
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
      if (stepInEpoch === 1) logger = metricLogger(`Epoch: [${firstEpoch(flags) + epoch - 1}]`, { plain: ["lr"] });
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
      if (evaluation) testing.ended(evaluation);
    },
    ended: () => say(`Training time ${clock(now() - start)}`),
  };
}
