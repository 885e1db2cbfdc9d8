import {
  batchSize,
  boxesIntoInput,
  CROWD,
  type Dataset,
  type DatasetEntry,
  evaluationInput,
  type InputOptions,
  placePicture,
  type Size,
} from "@singleshot/vision";

/** The objects of a data set as the network sees them. */
export interface SeenObjects {
  /** [n, 4] in pixels of the network's input */
  boxes: Float32Array;
  /** [n] 1-based */
  labels: Int32Array;
  /** [n] the number of the canvas that an object lies on */
  canvas: Int32Array;
  /** the sizes of the input that occur: one, unless pictures have sizes of their own */
  canvases: Size[];
}

/** All objects that are trained on, laid into the network's input as in use (not as into `trainingInput`); nothing is augmented. */
export function seenObjects({ entries }: Dataset, input: InputOptions): SeenObjects {
  const numbers = new Map<string, number>();
  const canvases: Size[] = [];
  const pictures = entries.map((entry) => {
    const canvas = canvasFor(entry, input);
    const key = `${canvas.width} ${canvas.height}`;
    if (!numbers.has(key)) numbers.set(key, canvases.push(canvas) - 1);
    return { ...entry, boxes: boxesIntoInput(entry.boxes, placementOf(entry, input)), seen: seenIn(entry), number: numbers.get(key)! };
  });
  return {
    boxes: Float32Array.from(pictures.flatMap(({ boxes, seen }) => seen.flatMap((i) => [...boxes.subarray(4 * i, 4 * i + 4)]))),
    labels: Int32Array.from(pictures.flatMap(({ labels, seen }) => seen.map((i) => labels[i]!))),
    canvas: Int32Array.from(pictures.flatMap(({ seen, number }) => seen.map(() => number))),
    canvases,
  };
}

/** The numbers of a picture's objects that are trained on: a crowd is none. */
export function seenIn({ flags }: DatasetEntry): number[] {
  return [...flags.keys()].filter((i) => !(flags[i]! & CROWD));
}

const placementOf = (picture: Size, input: InputOptions) => placePicture(evaluationInput(input), picture, () => 0);

/** The size of the network's input for a picture alone. */
export function canvasFor(picture: Size, input: InputOptions): Size {
  return batchSize(input, [placementOf(picture, input).canvas]);
}
