import type { Evaluation, Measured, StepReport, TrainingObserver } from "@singleshot/detection";
import type { Terminal } from "./terminal.js";
import { duration } from "./text.js";

const SMOOTHING = 0.95; // the share of the past in what is shown: about the last twenty steps

/** Shows a training run: one line that moves, and one a finished epoch that stays. */
export function trainingProgress(terminal: Terminal, { now = () => performance.now() }: { now?: () => number } = {}): TrainingObserver {
  const loss = movingAverage();
  const stepMs = movingAverage();
  const waitedMs = movingAverage();
  let epochs = 0;
  let epochsDone = 0;
  let epoch = { start: now(), steps: 0, loss: 0, score: "" };
  let evaluationMs = 0; // an epoch's share of it

  return {
    started({ recipe, steps, done }) {
      epochs = recipe.schedule.epochs;
      epochsDone = Math.floor((epochs * done) / steps);
      epoch.start = now();
    },
    stepped(report) {
      loss.add(report.loss);
      stepMs.add(report.durationMs);
      waitedMs.add(report.waitedMs);
      epoch.steps++;
      epoch.loss += report.loss;
      const leftMs = (report.steps - report.step) * stepMs.value() + (report.epochs - epochsDone) * evaluationMs;
      const speed = `${perSecond((1000 * report.images) / stepMs.value())} images/s`;
      const waiting = `waiting for data ${percent(waitedMs.value() / stepMs.value())}`;
      const parts = [place(report), `loss ${loss.value().toFixed(3)}`, speed, waiting, `${duration(leftMs)} left`];
      terminal.progress.show(report.step / report.steps, parts.join(", "));
    },
    evaluating({ done, total }) {
      terminal.progress.show(done / total, `evaluating, ${done} of ${total} pictures`);
    },
    evaluated(result) {
      evaluationMs = result.durationMs / Math.max(1, result.epoch - epochsDone);
      epoch.score = score(result);
    },
    epochEnded({ epoch: done }) {
      const took = duration(now() - epoch.start);
      terminal.say(
        `epoch ${done}/${epochs}: ${epoch.steps > 0 ? `loss ${(epoch.loss / epoch.steps).toFixed(3)}` : "no step"}${epoch.score}, ${took}`,
      );
      epochsDone = done;
      epoch = { start: now(), steps: 0, loss: 0, score: "" };
    },
    warned: terminal.warn,
  };
}

const place = (report: StepReport) => `epoch ${report.epoch}/${report.epochs}, step ${report.step}/${report.steps}`;

function score({ evaluation, losses, best, bestLoss }: Measured & { best: boolean; bestLoss: boolean }): string {
  const loss = losses ? `, validation loss ${losses.loss.toFixed(3)}${bestLoss ? " (best)" : ""}` : "";
  return evaluation ? loss + accuracy(evaluation, best) : loss;
}

function accuracy({ map, ap50 }: Evaluation, best: boolean): string {
  if (map === null) return ", no ground truth to evaluate on";
  const ap50Part = typeof ap50 === "number" ? `, AP50 ${ap50.toFixed(3)}` : "";
  return `, mAP ${map.toFixed(3)}${best ? " (best)" : ""}${ap50Part}`;
}

/** The first values count in full: the average does not begin at zero. */
function movingAverage(): { add(value: number): void; value(): number } {
  let sum = 0;
  let weight = 0;
  return {
    add(value) {
      sum = SMOOTHING * sum + (1 - SMOOTHING) * value;
      weight = SMOOTHING * weight + (1 - SMOOTHING);
    },
    value: () => sum / weight,
  };
}

const percent = (share: number) => `${Math.round(100 * Math.min(share, 1))} %`;
const perSecond = (rate: number) => rate.toFixed(rate < 10 ? 1 : 0);
