import { below, between, type Draw } from "../../random.js";
import { clipBoxes, crop, selectMarks, type View, type Window } from "../view.js";
import { centeredIn, MAX_ROUNDS } from "./iou-crop.js";

const MODES = 6;
const TRIALS = 50;

/**
 * pytorch-ssd's RandomSampleCrop as it runs, for comparisons; `iou-crop` is what it was meant to be. One of six modes leaves the picture
 * as it is. The other five ask for overlaps in a condition that is never false, and draw the left edge between the room beside the crop
 * and 1: each takes the first crop with a box's center in it.
 */
export function sampleCrop(view: View, draw: Draw): View {
  if (view.labels.length === 0) return view; // the original never ends
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (below(draw, MODES) === 0) return view;
    for (let trial = 0; trial < TRIALS; trial++) {
      const part = randomPart(view, draw);
      const kept = part ? centeredIn(view.boxes, part) : [];
      if (part && kept.length > 0) return clipBoxes(crop(selectMarks(view, kept), part));
    }
  }
  return view;
}

/** Undefined when the drawn sides are too unlike. */
function randomPart({ size }: View, draw: Draw): Window | undefined {
  const width = between(draw, 0.3 * size.width, size.width);
  const height = between(draw, 0.3 * size.height, size.height);
  if (height / width < 0.5 || height / width > 2) return undefined;
  const x = between(draw, size.width - width, 1);
  const y = between(draw, size.height - height, 1);
  const [left, top] = [Math.trunc(x), Math.trunc(y)];
  return { left, top, width: Math.trunc(x + width) - left, height: Math.trunc(y + height) - top };
}
