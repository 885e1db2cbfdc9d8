import { InputError } from "@singleshot/base";
import type { ModelCard } from "../onnx/index.js";
import type { Detections, Picture } from "../sample.js";
import { type LaidBatch, layPictures } from "./batch.js";
import { detectionsOf } from "./detections.js";
import { inPicture } from "./in-picture.js";
import { rawAnswers } from "./raw-input.js";
import type { Feeds, Outputs, Runner } from "./runner.js";

/**
 * Detections of pictures of any size by a model that `export` wrote, in pixels of each, best first: around the network is what stands
 * around every network here, as far as it is not in the file.
 *
 * @throws InputError where the graph does not tell enough
 */
export const detectExported = (runner: Runner, pictures: readonly Picture[]): Promise<Detections[]> =>
  detectors[runner.card.graph](runner, pictures);

const floats = (outputs: Outputs, name: string) => outputs[name]!.data as Float32Array;
const integers = (outputs: Outputs, name: string) => outputs[name]!.data as BigInt64Array;

/** How pictures are given to each graph, and detections taken from it. */
const detectors: Record<ModelCard["graph"], (runner: Runner, pictures: readonly Picture[]) => Promise<Detections[]>> = {
  raw: detectInTable,
  decoded: detectInTable,
  nms: detectSelected,
  image: detectOneByOne,
};

/** What a graph that gives tables says of some pictures. */
export interface Answers extends ReturnType<typeof layPictures> {
  /** [N, A, C] */
  scores: Float32Array;
  /** [N, A, 4], in pixels of the input */
  boxes: Float32Array;
  /** undefined where a raw graph takes inputs of any size: it does not say */
  levels: readonly number[] | undefined;
}

export async function answersOf(runner: Runner, pictures: readonly Picture[]): Promise<Answers> {
  const laid = layPictures(pictures, runner.card.input);
  if (runner.card.graph === "raw") return { ...laid, ...(await rawAnswers(runner, laid)), levels: runner.card.levels };
  const outputs = await runner.run(byteFeeds(laid));
  const levels = Array.from(integers(outputs, "levels"), Number);
  return { ...laid, scores: floats(outputs, "scores"), boxes: floats(outputs, "boxes"), levels };
}

function byteFeeds({ data, size, extents }: LaidBatch): Feeds {
  const count = data.length / (3 * size.width * size.height);
  return {
    images: { type: "uint8", data, shape: [count, size.height, size.width, 3] },
    ...(extents && { extents: { type: "int64", data: extents, shape: [count, 2] } }),
  };
}

async function detectInTable(runner: Runner, pictures: readonly Picture[]): Promise<Detections[]> {
  const { scores, boxes, levels, size, placements } = await answersOf(runner, pictures);
  const { card } = runner;
  if (!levels) throw new InputError("a raw graph for inputs of any size does not tell its levels", { fix: "export with --graph decoded" });
  const clips = card.postprocess.clip !== "none";
  return pictures.map((picture, i) => {
    const own = (values: Float32Array) =>
      values.subarray((i * values.length) / pictures.length, ((i + 1) * values.length) / pictures.length);
    const table = { scores: own(scores), boxes: own(boxes), kind: card.scores, levels, input: size, window: placements[i]!.window };
    return inPicture(detectionsOf(table, card.postprocess), placements[i]!, picture, { clips });
  });
}

async function detectSelected(runner: Runner, pictures: readonly Picture[]): Promise<Detections[]> {
  const { placements, ...laid } = layPictures(pictures, runner.card.input);
  const outputs = await runner.run(byteFeeds(laid));
  const batch = integers(outputs, "batch");
  const clips = runner.card.postprocess.clip !== "none";
  return pictures.map((picture, n) => {
    const [from, to] = [batch.indexOf(BigInt(n)), batch.lastIndexOf(BigInt(n)) + 1];
    return inPicture(foundOf(outputs, Math.max(from, 0), to), placements[n]!, picture, { clips });
  });
}

function foundOf(outputs: Outputs, from = 0, to?: number): Detections {
  return {
    boxes: floats(outputs, "boxes").slice(4 * from, to === undefined ? undefined : 4 * to),
    labels: Int32Array.from(integers(outputs, "labels").slice(from, to), Number),
    scores: floats(outputs, "scores").slice(from, to),
  };
}

async function detectOneByOne({ run }: Runner, pictures: readonly Picture[]): Promise<Detections[]> {
  const found: Detections[] = [];
  for (const { data, width, height } of pictures)
    found.push(foundOf(await run({ image: { type: "uint8", data, shape: [height, width, 3] } })));
  return found;
}
