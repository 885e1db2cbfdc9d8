import type { Evaluation } from "@singleshot/detection";
import { clock } from "../program/index.js";
import { cocoLines } from "./coco-lines.js";
import { metricLogger } from "./metric-logger.js";

const PICTURES_A_LINE = 100;

/** What the original says of an evaluation, while it looks at the pictures and behind it. */
export interface TestLines {
  begin(): void;
  done(progress: { done: number; total: number }): void;
  ended(evaluation: Evaluation): void;
}

/**
 *     Test:  [100/500]  eta: 0:00:40  model_time: 0.1000 (0.1000)  evaluator_time: 0.0000 (0.0000)  time: 0.1000  data: 0.0000
 *
 * for the first picture, every hundredth from there on, and the last. All are counted together at the end, so the evaluator takes no time before.
 */
export function testLines(say: (line: string) => void, now: () => number): TestLines {
  let [logger, before, counted] = [metricLogger("Test:"), now(), 0];
  const begin = () => {
    [logger, before, counted] = [metricLogger("Test:"), now(), 0];
  };
  return {
    begin,
    done({ done, total }) {
      const durationMs = (now() - before) / Math.max(1, done - counted);
      logger.add({ model_time: durationMs / 1000, evaluator_time: 0 }, { durationMs, waitedMs: 0 });
      const i = done === total ? done - 1 : PICTURES_A_LINE * Math.floor((done - 1) / PICTURES_A_LINE);
      if (i >= counted) say(logger.line(i, total));
      [before, counted] = [now(), done];
    },
    ended({ images, durationMs, coco }) {
      const countingMs = counted === 0 ? 0 : Math.min(now() - before, durationMs);
      const each = (ms: number) => (ms / 1000 / images).toFixed(4);
      const [model, evaluator] = [each(durationMs - countingMs), each(countingMs)];
      say(`Test: Total time: ${clock(durationMs)} (${each(durationMs)} s / it)`);
      say(`Averaged stats: model_time: ${model} (${model})  evaluator_time: ${evaluator} (${evaluator})`);
      for (const line of ["IoU metric: bbox", ...cocoLines(coco ?? [])]) say(line);
    },
  };
}
