import { bestOf } from "../../boxes/index.js";
import { type FoundObjects, isIgnored, type TrueObjects } from "../objects.js";
import { AREA_RANGES, IOU_THRESHOLDS, MAX_DETECTIONS } from "./settings.js";

/** What became of the detections of one class, picture after picture, each picture's best first. */
export interface Outcomes {
  /** D, how many */
  count: number;
  /** [D] */
  scores: Float64Array;
  /** [D] place among the detections of its picture, from 0 */
  ranks: Uint8Array;
  /** [A][D] bit t: it matches an object at threshold t */
  hits: Uint16Array[];
  /** [A][D] bit t: it is neither right nor wrong at threshold t */
  ignored: Uint16Array[];
  /** [A] objects to be found */
  wanted: number[];
}

const MOST = Math.max(...MAX_DETECTIONS);
const EVERY_THRESHOLD = 2 ** IOU_THRESHOLDS.length - 1;
const NO_MATCH = { hits: 0, ignored: 0 };

/** Matches the detections of one class (from 0) with its objects, at every area range and threshold. */
export function matchClass(truth: TrueObjects, found: FoundObjects, label: number): Outcomes {
  const [objects, detections] = [truth.byClass[label]!, found.byClass[label]!];
  const outcomes = emptyOutcomes(detections.length);
  for (let g = 0, d = 0; g < objects.length || d < detections.length; ) {
    const image = Math.min(truth.images[objects[g]!] ?? Infinity, found.images[detections[d]!] ?? Infinity);
    const [gFrom, dFrom] = [g, d];
    while (truth.images[objects[g]!] === image) g++;
    while (found.images[detections[d]!] === image) d++;
    const best = bestOf(found.scores, detections.slice(dFrom, d), MOST);
    matchImage(truth, found, objects.subarray(gFrom, g), best, outcomes);
  }
  return outcomes;
}

function emptyOutcomes(most: number): Outcomes {
  const masks = () => AREA_RANGES.map(() => new Uint16Array(most));
  return {
    count: 0,
    scores: new Float64Array(most),
    ranks: new Uint8Array(most),
    hits: masks(),
    ignored: masks(),
    wanted: AREA_RANGES.map(() => 0),
  };
}

function matchImage(truth: TrueObjects, found: FoundObjects, objects: Uint32Array, detections: Uint32Array, outcomes: Outcomes): void {
  const iou = overlaps(truth, found, objects, detections);
  const { count } = outcomes;
  AREA_RANGES.forEach(({ min, max }, a) => {
    const outside = (area: number) => area < min || area > max;
    const ignore = Uint8Array.from(objects, (g) => (isIgnored(truth, g) || outside(truth.areas[g]!) ? 1 : 0));
    const match = matcher(truth, objects, ignore, iou);
    const [hits, ignored] = [outcomes.hits[a]!, outcomes.ignored[a]!];
    for (let row = 0; row < detections.length; row++) {
      const verdict = match(row);
      const unasked = outside(found.boxAreas[detections[row]!]!) ? EVERY_THRESHOLD & ~verdict.hits : 0;
      hits[count + row] = verdict.hits;
      ignored[count + row] = verdict.ignored | unasked;
    }
    for (const one of ignore) outcomes.wanted[a]! += 1 - one;
  });
  for (let row = 0; row < detections.length; row++) {
    outcomes.scores[count + row] = found.scores[detections[row]!]!;
    outcomes.ranks[count + row] = row;
  }
  outcomes.count += detections.length;
}

/** IoU [detections, objects]; with a crowd, the part of the detection that lies in it. */
function overlaps(truth: TrueObjects, found: FoundObjects, objects: Uint32Array, detections: Uint32Array): Float64Array {
  const iou = new Float64Array(detections.length * objects.length);
  let at = 0;
  for (const d of detections) {
    for (const g of objects) {
      const common = intersection(truth.boxes, 4 * g, found.boxes, 4 * d);
      const area = found.boxAreas[d]!;
      iou[at++] = common === 0 ? 0 : common / (truth.crowd[g] ? area : area + truth.boxAreas[g]! - common);
    }
  }
  return iou;
}

function intersection(a: Float64Array, i: number, b: Float64Array, j: number): number {
  const width = Math.min(a[i + 2]!, b[j + 2]!) - Math.max(a[i]!, b[j]!);
  const height = Math.min(a[i + 3]!, b[j + 3]!) - Math.max(a[i + 1]!, b[j + 1]!);
  return width > 0 && height > 0 ? width * height : 0;
}

/**
 * A function that takes the detections of a picture one after the other, best first, and gives the thresholds at which each matches.
 * A detection takes the free object that it overlaps most, the last of equals; one to be ignored only where no other is left,
 * and a crowd stays free.
 */
function matcher(truth: TrueObjects, objects: Uint32Array, ignore: Uint8Array, iou: Float64Array) {
  if (objects.length === 0) return () => NO_MATCH;
  const order = [...ignore.keys()].sort((a, b) => ignore[a]! - ignore[b]!);
  const taken = new Uint16Array(objects.length); // bit t
  return (row: number) => {
    const overlap = iou.subarray(row * objects.length, (row + 1) * objects.length);
    if (!overlap.some((one) => one >= IOU_THRESHOLDS[0]!)) return NO_MATCH;
    let [hits, ignored] = [0, 0];
    for (let t = 0; t < IOU_THRESHOLDS.length; t++) {
      const g = bestObject(t);
      if (g < 0) continue;
      taken[g]! |= 1 << t;
      if (!truth.idZero[objects[g]!]) hits |= 1 << t;
      if (ignore[g]) ignored |= 1 << t;
    }
    return { hits, ignored };

    function bestObject(t: number): number {
      let [best, atLeast] = [-1, IOU_THRESHOLDS[t]!];
      for (const g of order) {
        if ((taken[g]! >> t) & 1 && !truth.crowd[objects[g]!]) continue;
        if (best >= 0 && !ignore[best] && ignore[g]) break;
        if (overlap[g]! < atLeast) continue;
        [best, atLeast] = [g, overlap[g]!];
      }
      return best;
    }
  };
}
