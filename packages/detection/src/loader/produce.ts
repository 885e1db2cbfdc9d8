import {
  type AugmentationStep,
  augment,
  CROWD,
  type DatasetEntry,
  type InputOptions,
  type Picture,
  type Placement,
  randomOf,
} from "@singleshot/vision";
import { decodePicture } from "@singleshot/vision/node";

/** One picture to be made ready: which, and the numbers that its random draws depend on. */
export interface Task {
  entry: DatasetEntry;
  seed: number;
  epoch: number;
  index: number;
  /** How often the epoch has shown the picture before: it is augmented anew every time. */
  repeat: number;
}

/** What is to be trained on in it, beside the pixels. */
export interface Produced {
  /** [n, 4] xyxy in pixels of the network's input */
  boxes: Float32Array;
  /** [n], 1-based */
  labels: Int32Array;
  /** Where the picture lies in the network's input. */
  placement: Placement;
}

export interface ProducerOptions {
  steps: readonly AugmentationStep[];
  input: InputOptions;
  /** Decoded pictures are kept up to so many bytes. */
  cacheBytes: number;
}

/** Makes samples: decode, augment, lay into the input in `out` ([height, width, 3]). The same task gives the same sample wherever it runs. */
export function producer({ steps, input, cacheBytes }: ProducerOptions): (task: Task, out: Uint8Array) => Promise<Produced> {
  const decode = cachedDecoder(cacheBytes);
  return async ({ entry, seed, epoch, index, repeat }, out) => {
    const image = await decode(entry.imageFile);
    const { boxes, labels, flags, id, source } = entry;
    const draw = randomOf(seed, epoch, index, ...(repeat > 0 ? [repeat] : []));
    const { sample, placement } = augment({ image, boxes, labels, flags, id, source }, steps, draw, input, out);
    return { ...withoutCrowds(sample.boxes, sample.labels, sample.flags), placement };
  };
}

function cachedDecoder(cacheBytes: number): (file: string) => Promise<Picture> {
  const cache = new Map<string, Picture>();
  let room = cacheBytes;
  return async (file) => {
    const known = cache.get(file);
    if (known) return known;
    const picture = await decodePicture(file);
    if (picture.data.length <= room) {
      cache.set(file, picture);
      room -= picture.data.length;
    }
    return picture;
  };
}

/** A crowd's box stands for many objects: nothing to learn a box from. */
function withoutCrowds(boxes: Float32Array, labels: Int32Array, flags: Uint8Array): Omit<Produced, "placement"> {
  const kept = [...flags.keys()].filter((i) => !(flags[i]! & CROWD));
  if (kept.length === flags.length) return { boxes, labels };
  return {
    boxes: Float32Array.from(kept.flatMap((i) => [...boxes.subarray(4 * i, 4 * i + 4)])),
    labels: Int32Array.from(kept, (i) => labels[i]!),
  };
}
