import {
  type AugmentationStep,
  CROWD,
  type DatasetEntry,
  type InputOptions,
  type Picture,
  type Placement,
  placePicture,
  planAugmentation,
  randomOf,
  renderPlaced,
  type Shrink,
  selectMarks,
  shrinkFor,
  viewOfShrunk,
} from "@singleshot/vision";
import { decodePicture } from "@singleshot/vision/node";
import { limited } from "./limited.js";

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
  /** Large JPEGs are decoded smaller where what is seen of them is made much smaller anyway. */
  shrinkOnLoad: boolean;
  /** A picture that takes longer to read is as good as broken. */
  limitMs?: number;
}

/** While one is augmented the next is decoded; more would lie about decoded. */
const AT_ONCE = 2;

/**
 * Makes samples: decode, augment, lay into the input in `out` ([height, width, 3]). The same task gives the same sample wherever it runs:
 * all numbers are drawn before the picture is opened.
 */
export function producer(options: ProducerOptions): (task: Task, out: Uint8Array) => Promise<Produced> {
  const { steps, input, shrinkOnLoad } = options;
  const decode = cachedDecoder(options);
  const inTurn = limited(AT_ONCE);
  const produce = async ({ entry, seed, epoch, index, repeat }: Task, out: Uint8Array) => {
    const draw = randomOf(seed, epoch, index, ...(repeat > 0 ? [repeat] : []));
    const view = planAugmentation({ ...entry, image: entry }, steps, draw);
    const placement = placePicture(input, view.size, draw);
    const image = await decode(entry, shrinkOnLoad ? shrinkFor(entry, view, placement) : 1);
    const { boxes, labels, flags } = renderPlaced({ ...entry, image }, viewOfShrunk(view, entry, image), placement, input, out);
    return { ...withoutCrowds(boxes, labels, flags), placement };
  };
  return (task, out) => inTurn(() => produce(task, out));
}

function cachedDecoder({ cacheBytes, limitMs }: ProducerOptions): (entry: DatasetEntry, shrink: Shrink) => Promise<Picture> {
  const cache = new Map<string, Picture>();
  let room = cacheBytes;
  return async (entry, shrink) => {
    const key = `${shrink} ${entry.imageFile}`;
    const known = cache.get(key);
    if (known) return known;
    const { imageFile, width, height } = entry;
    const picture = await decodePicture(imageFile, { shrink, expected: { width, height }, ...(limitMs !== undefined && { limitMs }) });
    if (picture.data.length <= room && !cache.has(key)) {
      cache.set(key, picture);
      room -= picture.data.length;
    }
    return picture;
  };
}

/** A crowd's box stands for many objects: nothing to learn a box from. */
function withoutCrowds(boxes: Float32Array, labels: Int32Array, flags: Uint8Array): Omit<Produced, "placement"> {
  const kept = [...flags.keys()].filter((i) => !(flags[i]! & CROWD));
  if (kept.length === flags.length) return { boxes, labels };
  const seen = selectMarks({ boxes, labels, flags }, kept);
  return { boxes: seen.boxes, labels: seen.labels };
}
