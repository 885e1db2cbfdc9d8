import { scope, sizes } from "@singleshot/torch";
import { type Detections, type SelectionOptions, selectDetections, type Window } from "@singleshot/vision";
import type { BoxCoder } from "../boxes/index.js";
import type { DetectorOptions } from "../recipes/index.js";
import type { Raw } from "./detector.js";

/**
 * From answers to detections: scores, boxes, clip, then by the recipe's rules threshold, best candidates, non-maximum suppression.
 *
 * @param windows the pictures' parts of the input
 * @returns one record a picture, in pixels of the network's input
 */
export function postprocess(
  raw: Raw,
  { scores: kind, postprocess: rules }: DetectorOptions,
  coder: BoxCoder,
  windows?: readonly Window[],
): Detections[] {
  const { N, A, C } = sizes({ logits: [raw.logits, "N A C"], deltas: [raw.deltas, "N A 4"] });
  const { scores, boxes } = scope(() => {
    const logits = raw.logits.to("float32");
    return {
      scores: (kind === "softmax" ? logits.softmax(-1) : logits.sigmoid()).toTypedArray(),
      boxes: coder.decode(raw.deltas.to(raw.anchors.xyxy.dtype), raw.anchors).to("float32").toTypedArray(),
    };
  });
  const area = raw.input.width * raw.input.height;
  const options: SelectionOptions = {
    classes: C,
    firstColumn: kind === "softmax" ? 1 : 0,
    firstLabel: kind === "sigmoid" ? 1 : 0,
    ...rules,
    candidates: { ...rules.candidates, levels: raw.levels },
    nms: { ...rules.nms, epsilon: rules.nms.epsilon * area },
  };
  return Array.from({ length: N }, (_, n) => {
    const window = windows?.[n] ?? { left: 0, top: 0, ...raw.input };
    const clip = clips[rules.clipTo];
    const own = boxes.subarray(4 * A * n, 4 * A * (n + 1));
    const { indices: _indices, ...found } = selectDetections(
      rules.clip === "before-nms" ? clipped(own, window, clip) : own,
      scores.subarray(C * A * n, C * A * (n + 1)),
      options,
    );
    return rules.clip === "after-nms" ? { ...found, boxes: clipped(found.boxes, window, clip) } : found;
  });
}

type Clip = (value: number, start: number, length: number, isFar: boolean) => number;

const clips: Record<DetectorOptions["postprocess"]["clipTo"], Clip> = {
  border: (value, start, length) => Math.min(Math.max(value, start), start + length),
  "last-pixel": (value, start, length, isFar) => (isFar ? Math.min(value, start + length - 1) : Math.max(value, start)),
};

function clipped(boxes: Float32Array, { left, top, width, height }: Window, clip: Clip): Float32Array {
  return boxes.map((value, i) => {
    const isFar = i % 4 >= 2;
    return i % 2 === 0 ? clip(value, left, width, isFar) : clip(value, top, height, isFar);
  });
}
