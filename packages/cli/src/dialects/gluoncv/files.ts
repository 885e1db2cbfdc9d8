import { appendFileSync } from "node:fs";
import type { WatchedRun, Watcher } from "../program/index.js";
import { writeWeights } from "../weights/index.js";

interface FilesOptions {
  prefix: string;
  startEpoch: number;
  saveInterval: number;
}

/**
 * The files of train_ssd.py: `PREFIX_best.params` with its line in `PREFIX_best_map.log`, and every so many epochs `PREFIX_0050_0.8123.params`.
 * They hold what GluonCV's would, by its structural names, in PyTorch's form.
 */
export function trainFiles({ prefix, startEpoch, saveInterval }: FilesOptions): Watcher {
  let run: WatchedRun;
  let best = 0;
  let current = 0; // the original takes 0 for an epoch that is not validated
  const save = (name: string) => writeWeights(`${prefix}_${name}.params`, run.model.stateDict(), run);
  return {
    started(started) {
      run = started;
    },
    evaluated({ epoch, evaluation }) {
      current = evaluation?.map ?? 0;
      if (current <= best) return;
      best = current;
      save("best");
      appendFileSync(`${prefix}_best_map.log`, `${four(startEpoch + epoch - 1)}:\t${current.toFixed(4)}\n`);
    },
    epochEnded(epoch) {
      const number = startEpoch + epoch - 1;
      if (saveInterval > 0 && number % saveInterval === 0) save(`${four(number)}_${current.toFixed(4)}`);
      current = 0;
    },
  };
}

const four = (epoch: number) => String(epoch).padStart(4, "0");
