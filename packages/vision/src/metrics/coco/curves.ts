import type { Outcomes } from "./match.js";
import { AREA_RANGES, IOU_THRESHOLDS, MAX_DETECTIONS, RECALLS } from "./settings.js";

const [T, R, A, M] = [IOU_THRESHOLDS.length, RECALLS.length, AREA_RANGES.length, MAX_DETECTIONS.length];

/** Precision and recall of every class (C) in every setting, -1 where there is nothing to find. */
export interface CocoCurves {
  /** [T, R, C, A, M] the best precision at this recall or a higher one, 0 where this recall is not reached */
  precision: Float64Array;
  /** [T, R, C, A, M] the score down to which detections must be taken to reach this recall */
  scores: Float64Array;
  /** [T, C, A, M] the highest recall */
  recall: Float64Array;
  classes: number;
}

export function emptyCurves(classes: number): CocoCurves {
  const table = () => new Float64Array(T * R * classes * A * M).fill(-1);
  return { precision: table(), scores: table(), recall: new Float64Array(T * classes * A * M).fill(-1), classes };
}

/** One class's part of the curves. */
export function fillCurves(curves: CocoCurves, outcomes: Outcomes, label: number): void {
  const order = Uint32Array.from({ length: outcomes.count }, (_, i) => i).sort((a, b) => outcomes.scores[b]! - outcomes.scores[a]!);
  MAX_DETECTIONS.forEach((most, m) => {
    const ranked = order.filter((d) => outcomes.ranks[d]! < most);
    AREA_RANGES.forEach((_, a) => {
      if (outcomes.wanted[a] === 0) return;
      for (let t = 0; t < T; t++) {
        const steps = stepsOf(outcomes, ranked, a, t);
        const column = ((t * R * curves.classes + label) * A + a) * M + m;
        readAtRecalls(curves, column, steps);
        curves.recall[((t * curves.classes + label) * A + a) * M + m] = steps.recall.at(-1) ?? 0;
      }
    });
  });
}

/** A curve where it changes: at the first detection, and wherever recall rises. */
interface Steps {
  /** as the best from here on */
  precision: number[];
  recall: number[];
  scores: number[];
}

function stepsOf(outcomes: Outcomes, ranked: Uint32Array, a: number, t: number): Steps {
  const [hits, ignored, wanted] = [outcomes.hits[a]!, outcomes.ignored[a]!, outcomes.wanted[a]!];
  const steps: Steps = { precision: [], recall: [], scores: [] };
  let [right, wrong] = [0, 0];
  for (let i = 0; i < ranked.length; i++) {
    const d = ranked[i]!;
    const counts = !((ignored[d]! >> t) & 1);
    const hit = counts && (hits[d]! >> t) & 1;
    if (hit) right++;
    else if (counts) wrong++;
    if (!hit && i > 0) continue;
    steps.recall.push(right / wanted);
    steps.precision.push(right / (wrong + right + Number.EPSILON));
    steps.scores.push(outcomes.scores[d]!);
  }
  for (let i = steps.precision.length - 1; i > 0; i--) {
    if (steps.precision[i]! > steps.precision[i - 1]!) steps.precision[i - 1] = steps.precision[i]!;
  }
  return steps;
}

function readAtRecalls(curves: CocoCurves, column: number, { precision, recall, scores }: Steps): void {
  const stride = curves.classes * A * M;
  for (let r = 0, i = 0; r < R; r++) {
    while (i < recall.length && recall[i]! < RECALLS[r]!) i++;
    const reached = i < recall.length;
    curves.precision[column + r * stride] = reached ? precision[i]! : 0;
    curves.scores[column + r * stride] = reached ? scores[i]! : 0;
  }
}
