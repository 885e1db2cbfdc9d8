import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "@singleshot/base/atomic-file";
import { writeClassFiles } from "../../data/index.js";
import { pythonFloat, type WatchedRun, type Watcher } from "../program/index.js";
import { writeWeights } from "../weights/index.js";

/** The first line of every labels.txt. */
const BACKGROUND = "BACKGROUND";

export const labelsFile = (folder: string): string => join(folder, "labels.txt");

interface FilesOptions {
  folder: string;
  net: string;
  log: (message: string) => void;
}

/** The files of train_ssd.py: labels.txt, a state dict for every validation with its loss in the name, and what was found, by class. */
export function trainFiles({ folder, net, log }: FilesOptions): Watcher {
  let run: WatchedRun;
  return {
    started(started) {
      run = started;
      mkdirSync(folder, { recursive: true });
      writeFileAtomic(labelsFile(folder), [BACKGROUND, ...run.classes].join("\n"));
    },
    evaluated({ epoch, losses, detections, evaluation }) {
      if (evaluation && detections) writeClassFiles(join(folder, "eval_results"), detections, run.classes);
      if (!losses) return;
      const path = join(folder, `${net}-Epoch-${epoch - 1}-Loss-${pythonFloat(losses.loss)}.pth`);
      writeWeights(path, run.model.stateDict(), run);
      log(`Saved model ${path}`);
    },
  };
}

/**
 * The `.pth` of a folder with the lowest loss in its name: the number behind the last `Loss-`. Undefined where no file has one.
 */
export function lowestLossFile(folder: string): string | undefined {
  const files = readdirSync(folder).flatMap((name) => {
    const loss = Number(/-(?:Loss-)?(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\.pth$/i.exec(name)?.[1] ?? Number.NaN);
    return Number.isFinite(loss) ? [{ name, loss }] : [];
  });
  const [best] = files.sort((a, b) => a.loss - b.loss || (a.name < b.name ? -1 : 1));
  return best && join(folder, best.name);
}
