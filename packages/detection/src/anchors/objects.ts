import { CROWD, type Dataset, type DatasetEntry, type Size, scaleBoxes } from "@singleshot/vision";

/** The objects of a data set as the network sees them. */
export interface SeenObjects {
  /** [n, 4] in pixels of the network's input */
  boxes: Float32Array;
  /** [n] 1-based */
  labels: Int32Array;
}

/** All objects that are trained on, in pictures stretched to the network's input; nothing is augmented. */
export function seenObjects({ entries }: Dataset, input: Size): SeenObjects {
  const pictures = entries.map((entry) => ({ boxes: scaleBoxes(entry.boxes, entry, input), labels: entry.labels, seen: seenIn(entry) }));
  return {
    boxes: Float32Array.from(pictures.flatMap(({ boxes, seen }) => seen.flatMap((i) => [...boxes.subarray(4 * i, 4 * i + 4)]))),
    labels: Int32Array.from(pictures.flatMap(({ labels, seen }) => seen.map((i) => labels[i]!))),
  };
}

/** The numbers of a picture's objects that are trained on: a crowd is none. */
export function seenIn({ flags }: DatasetEntry): number[] {
  return [...flags.keys()].filter((i) => !(flags[i]! & CROWD));
}
