import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { type Scalars, scalarsEvent, startEvent, versionEvent } from "./event-file.js";
import type { TrainingObserver } from "./observer.js";

type Row = [tag: string, value: number | null]; // null: there was nothing to find

/**
 * Writes a run's curves into its folder for TensorBoard (`tensorboard --logdir runs`): `loss/total`, `loss/classification`,
 * `loss/regression` and `learningRate` at every step, `mAP` and `AP50/<class>` at every evaluation.
 *
 * A resumed run adds a file; TensorBoard then forgets what the run wrote after the checkpoint that it went on from.
 */
export function tensorBoard({ now = Date.now }: { now?: () => number } = {}): TrainingObserver {
  let file = "";
  const at = (step: number) => ({ wallTime: now() / 1000, step });
  const write = (step: number, scalars: Scalars) => appendFileSync(file, scalarsEvent(at(step), scalars));
  return {
    started({ root, done }) {
      file = join(root, `events.out.tfevents.${Math.floor(now() / 1000)}.singleshot.${process.pid}`);
      appendFileSync(file, Buffer.concat([versionEvent(at(0)), startEvent(at(done + 1))]));
    },
    stepped({ step, loss, classification, regression, learningRate }) {
      const rows = { "loss/total": loss, "loss/classification": classification, "loss/regression": regression, learningRate };
      write(step, new Map(Object.entries(rows)));
    },
    evaluated({ step, evaluation }) {
      if (!evaluation) return;
      const perClass = evaluation.classes.map(({ name, ap50, ap }): Row => [`AP50/${name}`, ap50 ?? ap]);
      const rows: Row[] = [["mAP", evaluation.map], ...perClass];
      write(step, new Map(rows.flatMap(([tag, value]) => (value === null ? [] : [[tag, value]]))));
    },
  };
}
