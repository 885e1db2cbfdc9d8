import { historyArrays, type TrainingObserver } from "@singleshot/detection";
import { type Observed, observerOf, type WatchedRun, type Watcher } from "../program/index.js";
import type { TrainFlags } from "./train.js";
import { writeBoth } from "./weights.js";

const STEPS_TO_SAVE = 100;

/** A line for every step; net_e.pkl, net_d.pkl every hundred steps and, other than the original's, at the end of every epoch; log.npy, which --load goes on with. */
export function observers({ flags, folder, say }: Observed<TrainFlags>): TrainingObserver[] {
  if (!flags.save) return [observerOf(lines(say))];
  return [observerOf(lines(say)), observerOf(files(folder)), historyArrays({ "log.npy": lossOf }, { folder, goOn: flags.load })];
}

const lossOf = ({ loss }: { loss?: unknown }) => (typeof loss === "number" ? loss : undefined);

const lines = (say: (line: string) => void): Watcher => {
  return { stepped: ({ epoch, stepInEpoch, loss }) => say(`epc:${epoch - 1},step:${stepInEpoch - 1},loss:${loss.toFixed(6)}`) };
};

function files(folder: string): Watcher {
  let run: WatchedRun;
  return {
    started(started) {
      run = started;
    },
    stepped({ stepInEpoch, stepsPerEpoch }) {
      if (stepInEpoch % STEPS_TO_SAVE === 0 || stepInEpoch === stepsPerEpoch) writeBoth(folder, run);
    },
  };
}
