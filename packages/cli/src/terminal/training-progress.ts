import type {
  ClassificationResult,
  ClassificationValues,
  Evaluation,
  LoopObserver,
  Measured,
  PretrainingObserver,
  StepReport,
  StepValues,
  TrainingObserver,
} from "@singleshot/detection";
import type { Terminal } from "./terminal.js";
import { duration } from "./text.js";

const SMOOTHING = 0.95; // the share of the past in what is shown: about the last twenty steps

interface Clock {
  now?: () => number;
}

/** Shows the training of a detector: one line that moves, and one a finished epoch that stays. */
export function trainingProgress(terminal: Terminal, clock: Clock = {}): TrainingObserver {
  const { begin, ...observer } = loopProgress(terminal, { score, ...clock });
  return { started: ({ recipe, steps, done }) => begin({ epochs: recipe.schedule.epochs, steps, done }), ...observer };
}

/** The same for a classifier. */
export function pretrainingProgress(terminal: Terminal, clock: Clock = {}): PretrainingObserver {
  const { begin, ...observer } = loopProgress(terminal, {
    score: topScores,
    other: { name: "accuracy", of: ({ accuracy }: ClassificationValues) => accuracy },
    ...clock,
  });
  return { started: begin, ...observer };
}

interface Shown<Values extends StepValues, Result> extends Clock {
  /** Of an evaluation, behind the epoch's loss. */
  score: (result: Result & Better) => string;
  /** Another number of every step, smoothed like the loss. */
  other?: { name: string; of: (values: Values) => number };
}

interface Better {
  best: boolean;
  bestLoss: boolean;
}

function loopProgress<Values extends StepValues, Result extends { durationMs: number }>(
  terminal: Terminal,
  { score, other, now = () => performance.now() }: Shown<Values, Result>,
): LoopObserver<Values, Result> & { begin(run: { epochs: number; steps: number; done: number }): void } {
  const loss = movingAverage();
  const second = movingAverage();
  const stepMs = movingAverage();
  const waitedMs = movingAverage();
  let epochs = 0;
  let epochsDone = 0;
  let epoch = { start: now(), steps: 0, loss: 0, score: "" };
  let evaluationMs = 0; // an epoch's share of it

  return {
    begin(run) {
      epochs = run.epochs;
      epochsDone = Math.floor((epochs * run.done) / run.steps);
      epoch.start = now();
    },
    stepped(report) {
      loss.add(report.loss);
      stepMs.add(report.durationMs);
      waitedMs.add(report.waitedMs);
      if (other) second.add(other.of(report));
      epoch.steps++;
      epoch.loss += report.loss;
      const leftMs = (report.steps - report.step) * stepMs.value() + (report.epochs - epochsDone) * evaluationMs;
      const speed = `${perSecond((1000 * report.images) / stepMs.value())} images/s`;
      const waiting = `waiting for data ${percent(waitedMs.value() / stepMs.value())}`;
      const values = [`loss ${loss.value().toFixed(3)}`, ...(other ? [`${other.name} ${second.value().toFixed(3)}`] : [])];
      const shown = [place(report), ...values, speed, waiting, `${duration(leftMs)} left`];
      terminal.progress.show(report.step / report.steps, shown.join(", "));
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

const place = (report: StepReport<StepValues>) => `epoch ${report.epoch}/${report.epochs}, step ${report.step}/${report.steps}`;

function score({ evaluation, losses, best, bestLoss }: Measured & Better): string {
  const loss = losses ? `, validation loss ${losses.loss.toFixed(3)}${bestLoss ? " (best)" : ""}` : "";
  return evaluation ? loss + accuracy(evaluation, best) : loss;
}

function accuracy({ map, ap50 }: Evaluation, best: boolean): string {
  if (map === null) return ", no ground truth to evaluate on";
  const ap50Part = typeof ap50 === "number" ? `, AP50 ${ap50.toFixed(3)}` : "";
  return `, mAP ${map.toFixed(3)}${best ? " (best)" : ""}${ap50Part}`;
}

function topScores({ loss, top1, top5, best }: ClassificationResult & Better): string {
  const top5Part = top5 === null ? "" : `, top-5 ${top5.toFixed(3)}`;
  return `, validation loss ${loss.toFixed(3)}, top-1 ${top1.toFixed(3)}${best ? " (best)" : ""}${top5Part}`;
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
