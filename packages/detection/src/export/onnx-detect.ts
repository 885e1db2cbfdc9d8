import { type Detections, detectionsOf, InputError, inPicture, layPictures, type ModelCard, type Picture } from "@singleshot/vision";
import type { OnnxRuntime, Outputs } from "./onnx-runtime.js";

type Runner = Pick<OnnxRuntime, "card" | "run">;

const floats = (outputs: Outputs, name: string) => outputs[name]!.data as Float32Array;
const integers = (outputs: Outputs, name: string) => outputs[name]!.data as BigInt64Array;

/** How pictures are given to each graph, and detections taken from it. */
export const detectors: Record<ModelCard["graph"], (runtime: Runner, pictures: readonly Picture[]) => Promise<Detections[]>> = {
  decoded: detectDecoded,
  nms: detectSelected,
  image: detectOneByOne,
  raw: async () => {
    throw new InputError("a raw graph does not take pictures", { fix: "export with --graph decoded, nms or image" });
  },
};

async function answersOf({ card, run }: Runner, pictures: readonly Picture[]) {
  const { data, size, extents, placements } = layPictures(pictures, card.input);
  const count = pictures.length;
  const outputs = await run({
    images: { type: "uint8", data, shape: [count, size.height, size.width, 3] },
    ...(extents && { extents: { type: "int64", data: extents, shape: [count, 2] } }),
  });
  return { outputs, size, placements };
}

async function detectDecoded(runtime: Runner, pictures: readonly Picture[]): Promise<Detections[]> {
  const { card } = runtime;
  const { outputs, size, placements } = await answersOf(runtime, pictures);
  const [scores, boxes] = [floats(outputs, "scores"), floats(outputs, "boxes")];
  const levels = Array.from(integers(outputs, "levels"), Number);
  const clips = card.postprocess.clip !== "none";
  return pictures.map((picture, i) => {
    const own = (values: Float32Array) =>
      values.subarray((i * values.length) / pictures.length, ((i + 1) * values.length) / pictures.length);
    const table = { scores: own(scores), boxes: own(boxes), kind: card.scores, levels, input: size, window: placements[i]!.window };
    return inPicture(detectionsOf(table, card.postprocess), placements[i]!, picture, { clips });
  });
}

async function detectSelected(runtime: Runner, pictures: readonly Picture[]): Promise<Detections[]> {
  const { outputs, placements } = await answersOf(runtime, pictures);
  const batch = integers(outputs, "batch");
  const clips = runtime.card.postprocess.clip !== "none";
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
