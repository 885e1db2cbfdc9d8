import { isFound, type MatchedPicture, NONE } from "./match.js";

/**
 * The kinds of errors of TIDE. A wrong detection has exactly one, the first that holds of: it lies badly on an object of its class
 * (localization), well on an object of another class (classification), on an object that a better one has found (duplicate), on nothing
 * (background); what remains lies badly on another class (both). An object is missed when it was not found and no detection of the first
 * two kinds stands for it.
 *
 * @see Bolya et al. 2020, "TIDE: A General Toolbox for Identifying Object Detection Errors" (arXiv:2008.08115), §2.2
 */
export const MISTAKES = ["classification", "localization", "both", "duplicate", "background", "missed"] as const;
export type MistakeKind = (typeof MISTAKES)[number];

export interface Mistake {
  kind: MistakeKind;
  /** number of the picture */
  picture: number;
  /** number of the detection in its picture, or NONE: missed */
  detection: number;
  /** number of the object that is meant, or NONE: background, both */
  object: number;
  /** 0: missed */
  score: number;
  /** overlap of the two */
  iou: number;
}

export interface MistakeOptions {
  /** weaker detections are left out */
  minScore?: number;
  /** an overlap from here on is good */
  foreground?: number;
  /** an overlap up to here is none */
  background?: number;
}

/** All that went wrong, picture by picture. */
export function findMistakes(pictures: readonly MatchedPicture[], options: MistakeOptions = {}): Mistake[] {
  return pictures.flatMap((picture, number) => {
    const wrong = wrongDetections(picture, number, options);
    const covered = new Set(wrong.filter(mayFind).map(({ object }) => object));
    return [...wrong, ...missedObjects(picture, number, covered, options)];
  });
}

/** Would find an object if it were put right. */
export const mayFind = ({ kind }: Mistake) => kind === "localization" || kind === "classification";

function wrongDetections(picture: MatchedPicture, number: number, { minScore = 0, ...thresholds }: MistakeOptions): Mistake[] {
  const { found, order, objectOf, ignored } = picture;
  const wrong = [...order].filter((d) => objectOf[d] === NONE && !ignored[d] && found.scores[d]! >= minScore);
  return wrong.map((detection) => {
    const judged = judge(picture, detection, thresholds);
    return { ...judged, picture: number, detection, score: found.scores[detection]! };
  });
}

function judge(
  { truth, found, iou, wanted }: MatchedPicture,
  detection: number,
  { foreground = 0.5, background = 0.1 }: MistakeOptions,
): Pick<Mistake, "kind" | "object" | "iou"> {
  const M = truth.labels.length;
  const label = found.labels[detection]!;
  const same = nearest((g) => wanted[g] === 1 && truth.labels[g] === label);
  if (same.iou >= background && same.iou < foreground) return { kind: "localization", ...same };
  const other = nearest((g) => wanted[g] === 1 && truth.labels[g] !== label);
  if (other.iou >= foreground) return { kind: "classification", ...other };
  if (same.iou >= foreground) return { kind: "duplicate", ...same };
  const any = nearest(() => true);
  return { kind: any.iou <= background ? "background" : "both", object: NONE, iou: any.iou };

  function nearest(allowed: (g: number) => boolean): { object: number; iou: number } {
    const best = { object: NONE, iou: 0 };
    for (let g = 0; g < M; g++) {
      const value = iou[detection * M + g]!;
      if (value > best.iou && allowed(g)) Object.assign(best, { object: g, iou: value });
    }
    return best;
  }
}

function missedObjects(picture: MatchedPicture, number: number, covered: ReadonlySet<number>, { minScore = 0 }: MistakeOptions): Mistake[] {
  const objects = [...picture.wanted.keys()];
  const missed = objects.filter((g) => picture.wanted[g] === 1 && !isFound(picture, g, minScore) && !covered.has(g));
  return missed.map((object) => ({ kind: "missed", picture: number, detection: NONE, object, score: 0, iou: 0 }));
}
