import { scope } from "@singleshot/torch";
import { above, type Detections, InputError, type InputOptions, layPictures, type Picture } from "@singleshot/vision";
import { decodePicture } from "@singleshot/vision/node";
import type { Detector } from "../detectors/index.js";
import { pixelsOf } from "../loader/index.js";
import { detect } from "./detect.js";

export interface Prediction {
  file: string;
  picture: Picture;
  /** In pixels of the picture as it is seen (EXIF orientation applied). */
  detections: Detections;
}

export interface PredictOptions {
  /** Weaker detections are left out. */
  scoreThreshold?: number;
  batchSize?: number;
  /** A picture that cannot be read is told here and left out; without it the first one ends the run. */
  onBroken?: (error: InputError) => void;
}

/** Detections of picture files, in their order. The detector must be in evaluation mode. */
export async function* predict(
  detector: Detector,
  files: Iterable<string>,
  { scoreThreshold = 0, batchSize = 8, onBroken }: PredictOptions = {},
): AsyncGenerator<Prediction> {
  const decoded = oneAhead(groupsOf(files, batchSize), (group) => Promise.all(group.map((file) => decode(file, onBroken))));
  for await (const group of decoded) {
    const known = group.filter((one) => one !== undefined);
    if (known.length === 0) continue;
    const found = detectPictures(
      detector,
      known.map(({ picture }) => picture),
    );
    for (const [i, { file, picture }] of known.entries()) yield { file, picture, detections: above(found[i]!, scoreThreshold) };
  }
}

/** Detections of decoded pictures, in pixels of each. @param input how they are laid into the network's input; left out: as its recipe says */
export function detectPictures(detector: Detector, pictures: readonly Picture[], input: InputOptions = detector.input): Detections[] {
  const { placements, ...batch } = layPictures(pictures, input);
  return scope(() => detect(detector, { ...pixelsOf(batch), placements }, pictures));
}

async function decode(file: string, onBroken: PredictOptions["onBroken"]): Promise<{ file: string; picture: Picture } | undefined> {
  try {
    return { file, picture: await decodePicture(file) };
  } catch (error) {
    if (!(error instanceof InputError) || !onBroken) throw error;
    onBroken(error);
    return undefined;
  }
}

/** The results of `prepare` in order; while one is used, the next is in preparation. */
async function* oneAhead<T, R>(items: Iterable<T>, prepare: (item: T) => Promise<R>): AsyncGenerator<R> {
  let coming: Promise<R> | undefined;
  for (const item of items) {
    const ready = coming;
    coming = prepare(item);
    coming.catch(() => {}); // it is told when its turn comes
    if (ready) yield await ready;
  }
  if (coming) yield await coming;
}

function* groupsOf<T>(items: Iterable<T>, size: number): Iterable<T[]> {
  let group: T[] = [];
  for (const item of items) {
    group.push(item);
    if (group.length === size) {
      yield group;
      group = [];
    }
  }
  if (group.length > 0) yield group;
}
