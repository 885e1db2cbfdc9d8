import { type SelectionOptions, selectDetections } from "../boxes/index.js";
import type { Detections } from "../sample.js";
import type { Size, Window } from "../transforms/index.js";

/** What the columns of a score table are: background and the classes; the classes; or the classes behind a column that was never trained. */
export type ScoreKind = "softmax" | "sigmoid" | "sigmoid-with-background";

/** How a recipe makes detections of scores and boxes. */
export interface SelectionRules extends Pick<SelectionOptions, "scoreThreshold" | "candidates" | "nms" | "maxPerClass" | "maxDetections"> {
  /** Boxes are cut at the picture's edge, or not. */
  clip: "before-nms" | "after-nms" | "none";
  /** `last-pixel`: near corners to no less than 0, far ones to no more than width - 1 and height - 1 (the RetinaNet tutorial). */
  clipTo: "border" | "last-pixel";
}

/** What a network says of one picture, decoded. */
export interface AnswerTable {
  /** [A, C], probabilities */
  scores: Float32Array;
  /** [A, 4] in pixels of the input */
  boxes: Float32Array;
  kind: ScoreKind;
  /** How many of the A each feature map has. */
  levels: readonly number[];
  /** The network's. */
  input: Size;
  /** The picture's part of the input; left out: all of it. */
  window?: Window | undefined;
}

/**
 * From the answers about every anchor to detections: clip, then by the recipe's rules threshold, best candidates, non-maximum suppression.
 *
 * @returns in pixels of the input, best first. Label 0 occurs where a network keeps a column for background that is never trained.
 */
export function detectionsOf(
  { scores, boxes, kind, levels, input, window = { left: 0, top: 0, ...input } }: AnswerTable,
  { clip, clipTo, ...rules }: SelectionRules,
): Detections {
  const options: SelectionOptions = {
    classes: (4 * scores.length) / boxes.length,
    firstColumn: kind === "softmax" ? 1 : 0,
    firstLabel: kind === "sigmoid" ? 1 : 0,
    ...rules,
    candidates: { ...rules.candidates, levels },
    nms: { ...rules.nms, epsilon: (rules.nms.epsilon ?? 0) * input.width * input.height },
  };
  const cut = (own: Float32Array) => clipped(own, window, clips[clipTo]);
  const { indices: _indices, ...found } = selectDetections(clip === "before-nms" ? cut(boxes) : boxes, scores, options);
  return clip === "after-nms" ? { ...found, boxes: cut(found.boxes) } : found;
}

type Clip = (value: number, start: number, length: number, isFar: boolean) => number;

const clips: Record<SelectionRules["clipTo"], Clip> = {
  border: (value, start, length) => Math.min(Math.max(value, start), start + length),
  "last-pixel": (value, start, length, isFar) => (isFar ? Math.min(value, start + length - 1) : Math.max(value, start)),
};

function clipped(boxes: Float32Array, { left, top, width, height }: Window, clip: Clip): Float32Array {
  return boxes.map((value, i) => {
    const isFar = i % 4 >= 2;
    return i % 2 === 0 ? clip(value, left, width, isFar) : clip(value, top, height, isFar);
  });
}
