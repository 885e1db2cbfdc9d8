import { appendFileSync } from "node:fs";
import { namespaceText, type Watcher } from "../program/index.js";

interface LogOptions {
  flags: object;
  say: (line: string) => void;
  prefix: string;
  startEpoch: number;
  logInterval: number;
}

/** The log of train_ssd.py, on the terminal and in `PREFIX_train.log`. */
export function trainLog({ flags, say, prefix, startEpoch, logInterval }: LogOptions): Watcher {
  const log = (line: string) => {
    say(line);
    appendFileSync(`${prefix}_train.log`, `${line}\n`);
  };
  const numberOf = (epoch: number) => startEpoch + epoch - 1;
  let rate: number | undefined;
  return {
    started() {
      log(namespaceText(flags));
      log(`Start training from [Epoch ${startEpoch}]`);
    },
    stepped({ epoch, stepInEpoch, learningRate, images, durationMs }, means) {
      if (rate !== undefined && learningRate !== rate) log(`[Epoch ${numberOf(epoch)}] Set learning rate to ${shortest(learningRate)}`);
      rate = learningRate;
      if (stepInEpoch % logInterval !== 0) return;
      const speed = ((1000 * images) / durationMs).toFixed(3);
      log(`[Epoch ${numberOf(epoch)}][Batch ${stepInEpoch - 1}], Speed: ${speed} samples/sec, ${losses(means)}`);
    },
    trained: (means) => log(`[Epoch ${numberOf(means.epoch)}] Training cost: ${(means.durationMs / 1000).toFixed(3)}, ${losses(means)}`),
    evaluated({ epoch, evaluation }) {
      if (!evaluation) return;
      const rows = evaluation.classes.map(({ name, ap }) => `${name}=${ap ?? "nan"}`);
      log(`[Epoch ${numberOf(epoch)}] Validation: \n${[...rows, `mAP=${evaluation.map ?? "nan"}`].join("\n")}`);
    },
  };
}

const losses = ({ classification, regression }: { classification: number; regression: number }) =>
  `CrossEntropy=${classification.toFixed(3)}, SmoothL1=${regression.toFixed(3)}`;

/** Without the last digits, which multiplying leaves behind. */
const shortest = (rate: number) => String(Number(rate.toPrecision(12)));
