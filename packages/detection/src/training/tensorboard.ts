import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { type Scalars, scalarsEvent, startEvent, versionEvent } from "./event-file.js";
import type { TrainingObserver } from "./trainer.js";

/**
 * Writes a run's curves into its folder for TensorBoard (`tensorboard --logdir runs`): `loss/total`, `loss/classification`,
 * `loss/regression` and `learningRate` at every step, `mAP` and `AP50/<class>` at every evaluation.
 *
 * A resumed run adds a file; TensorBoard then forgets what the run wrote after the checkpoint that it went on from.
 */
export function tensorBoard(): TrainingObserver {
  let file = "";
  const write = (step: number, scalars: Scalars) => appendFileSync(file, scalarsEvent(step, scalars));
  return {
    started({ root, done }) {
      file = join(root, `events.out.tfevents.${Math.floor(Date.now() / 1000)}.singleshot.${process.pid}`);
      appendFileSync(file, Buffer.concat([versionEvent(), startEvent(done)]));
    },
    stepped({ step, loss, classification, regression, learningRate }) {
      const rows = { "loss/total": loss, "loss/classification": classification, "loss/regression": regression, learningRate };
      write(step, new Map(Object.entries(rows)));
    },
    evaluated({ step, evaluation }) {
      const perClass = evaluation.classes.map(({ name, ap50, ap }) => [`AP50/${name}`, ap50 === undefined ? ap : ap50] as const);
      const known = [["mAP", evaluation.map] as const, ...perClass].filter((row): row is [string, number] => row[1] !== null);
      if (known.length > 0) write(step, new Map(known));
    },
  };
}
