import type { Outcomes } from "./coco-match.js";
import { AREA_RANGES, IOU_THRESHOLDS, MAX_DETECTIONS, RECALLS } from "./coco-settings.js";

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
    const [precision, recall] = [new Float64Array(ranked.length), new Float64Array(ranked.length)];
    AREA_RANGES.forEach((_, a) => {
      if (outcomes.wanted[a] === 0) return;
      for (let t = 0; t < T; t++) {
        count(outcomes, ranked, a, t, precision, recall);
        const column = ((t * R * curves.classes + label) * A + a) * M + m;
        readAtRecalls(curves, column, precision, recall, (i) => outcomes.scores[ranked[i]!]!);
        curves.recall[((t * curves.classes + label) * A + a) * M + m] = recall.at(-1) ?? 0;
      }
    });
  });
}

/** Precision, as the best from here on, and recall after each detection. */
function count(outcomes: Outcomes, ranked: Uint32Array, a: number, t: number, precision: Float64Array, recall: Float64Array): void {
  const [hits, ignored, wanted] = [outcomes.hits[a]!, outcomes.ignored[a]!, outcomes.wanted[a]!];
  let [right, wrong] = [0, 0];
  for (let i = 0; i < ranked.length; i++) {
    const d = ranked[i]!;
    if (!((ignored[d]! >> t) & 1)) (hits[d]! >> t) & 1 ? right++ : wrong++;
    recall[i] = right / wanted;
    precision[i] = right / (wrong + right + Number.EPSILON);
  }
  for (let i = ranked.length - 1; i > 0; i--) {
    if (precision[i]! > precision[i - 1]!) precision[i - 1] = precision[i]!;
  }
}

function readAtRecalls(
  curves: CocoCurves,
  column: number,
  precision: Float64Array,
  recall: Float64Array,
  scoreOf: (i: number) => number,
): void {
  const stride = curves.classes * A * M;
  for (let r = 0, i = 0; r < R; r++) {
    while (i < recall.length && recall[i]! < RECALLS[r]!) i++;
    const reached = i < recall.length;
    curves.precision[column + r * stride] = reached ? precision[i]! : 0;
    curves.scores[column + r * stride] = reached ? scoreOf(i) : 0;
  }
}
