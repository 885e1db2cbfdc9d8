import type { ModelCard } from "../onnx/index.js";
import type { LaidBatch } from "./batch.js";
import type { Runner } from "./runner.js";

/**
 * What a raw graph says of laid pictures: as many at a time as it takes, the last time filled up with the last picture.
 *
 * @returns scores [N, A, C] and boxes [N, A, 4], in pixels of the input
 */
export async function rawAnswers({ card, run }: Runner, batch: LaidBatch): Promise<{ scores: Float32Array; boxes: Float32Array }> {
  const { width, height } = batch.size;
  const room = 3 * width * height;
  const count = batch.data.length / room;
  const images = normalized(card, batch);
  const { batchSize = 1 } = card;
  const parts: { scores: Float32Array; boxes: Float32Array }[] = [];
  for (let from = 0; from < count; from += batchSize) {
    const data = new Float32Array(batchSize * room);
    for (let i = 0; i < batchSize; i++) data.set(images.subarray(room * Math.min(from + i, count - 1)).subarray(0, room), i * room);
    const { scores, boxes } = await run({ input_0: { type: "float32", data, shape: [batchSize, 3, height, width] } });
    const share = Math.min(batchSize, count - from) / batchSize;
    const own = ({ data }: { data: unknown }) => (data as Float32Array).subarray(0, share * (data as Float32Array).length);
    parts.push({ scores: own(scores!), boxes: own(boxes!).map((side, i) => side * (i % 2 === 0 ? width : height)) });
  }
  return { scores: joined(parts.map((part) => part.scores)), boxes: joined(parts.map((part) => part.boxes)) };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Bytes [N, H, W, 3] → floats [N, 3, H, W] as the graph wants them; padding is zero. */
function normalized({ normalization, normalize }: ModelCard, { data, size: { width, height }, extents }: LaidBatch): Float32Array {
  const { mean, std } = normalize === "jetson" ? { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } : normalization;
  const area = width * height;
  const images = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const [pixel, channel] = [Math.floor(i / 3), i % 3];
    const [n, y, x] = [Math.floor(pixel / area), Math.floor((pixel % area) / width), pixel % width];
    if (extents && (y >= extents[2 * n]! || x >= extents[2 * n + 1]!)) continue;
    images[(3 * n + channel) * area + (pixel % area)] = (data[i]! / 255 - mean[channel]!) / std[channel]!;
  }
  return images;
}
