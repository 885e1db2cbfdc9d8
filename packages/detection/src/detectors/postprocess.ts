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
    const window = inset(windows?.[n] ?? { left: 0, top: 0, ...raw.input }, rules.clipTo === "last-pixel" ? 1 : 0);
    const own = boxes.subarray(4 * A * n, 4 * A * (n + 1));
    const { indices: _indices, ...found } = selectDetections(
      rules.clip === "before-nms" ? clipped(own, window) : own,
      scores.subarray(C * A * n, C * A * (n + 1)),
      options,
    );
    return rules.clip === "after-nms" ? { ...found, boxes: clipped(found.boxes, window) } : found;
  });
}

/** Shorter on the right and below. */
const inset = ({ left, top, width, height }: Window, pixels: number): Window => ({
  left,
  top,
  width: width - pixels,
  height: height - pixels,
});

function clipped(boxes: Float32Array, { left, top, width, height }: Window): Float32Array {
  return boxes.map((value, i) =>
    i % 2 === 0 ? Math.min(Math.max(value, left), left + width) : Math.min(Math.max(value, top), top + height),
  );
}
