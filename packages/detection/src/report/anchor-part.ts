import { type Dataset, groupBySize, isFound, type MatchedPicture, type Size, sidesOf } from "@singleshot/vision";
import { checkAnchors, gridsOf, mapAnchors, seenIn, seenObjects } from "../anchors/index.js";
import type { Detector } from "../detectors/index.js";
import type { AnchorPart } from "./data.js";
import { IOU_THRESHOLD } from "./evaluation.js";

/** The bound that the anchors set on a data set, beside what the detector found of it. */
export function anchorPart(detector: Detector, dataset: Dataset, matched: readonly MatchedPicture[], score: number): AnchorPart {
  const objects = seenObjects(dataset, detector.input);
  const gridsFor = gridsOf(detector);
  const anchorsFor = (canvas: Size) => mapAnchors(detector.options.anchors, gridsFor, canvas);
  const check = checkAnchors(objects, anchorsFor, { classes: dataset.classes, thresholds: [IOU_THRESHOLD, 0.7] });
  const found = foundObjects(dataset, matched, score);
  const groups = groupBySize(sidesOf(objects.boxes)).filter((group) => group.length > 0);
  const share = (group: readonly number[]) => group.filter((i) => found[i]).length / group.length;
  return { check, split: dataset.split ?? dataset.name, found: groups.map((group) => (found.length > 0 ? share(group) : null)) };
}

/** Which objects were found, in the order of `seenObjects`; empty where nothing was evaluated. */
function foundObjects(dataset: Dataset, matched: readonly MatchedPicture[], score: number): boolean[] {
  return matched.flatMap((picture, i) => seenIn(dataset.entries[i]!).map((g) => isFound(picture, g, score)));
}
