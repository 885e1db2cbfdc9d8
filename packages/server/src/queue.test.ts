import type { Detections, Picture } from "@singleshot/vision";
import { expect, test } from "vitest";
import { BatchQueue, type QueueOptions } from "./queue.js";

const patient = () => new AbortController().signal;
const nothing: Detections = { boxes: new Float32Array(0), labels: new Int32Array(0), scores: new Float32Array(0) };
const job = (name: number, size = { width: 2, height: 1 }) => ({ bytes: Uint8Array.of(name), size });

/** A queue over an engine that computes when it is told to. */
function queueWith(options: Partial<QueueOptions> = {}) {
  const batches: number[][] = [];
  const going: (() => void)[] = [];
  const queue = new BatchQueue({
    decode: async ([name]) => ({ data: Uint8Array.of(name!), width: 2, height: 1 }),
    detect: (pictures) => {
      batches.push(pictures.map(({ data }) => data[0]!));
      return new Promise<Detections[]>((resolve) => going.push(() => resolve(pictures.map(() => nothing))));
    },
    batchSize: 3,
    batchPixels: 100,
    length: 6,
    ...options,
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
  const next = async () => {
    await settle();
    going.shift()?.();
    await settle();
  };
  return { queue, batches, next };
}

test("what has gathered while the engine was busy is computed together, so many at most", async () => {
  const { queue, batches, next } = queueWith();
  const answers = [1, 2, 3, 4, 5, 6].map((name) => queue.detect(job(name), patient()));
  expect([queue.length, queue.isFull]).toEqual([6, true]);
  await expect(queue.detect(job(7), patient())).rejects.toMatchObject({ status: 429, message: "6 pictures wait already: try again" });
  for (let i = 0; i < 3; i++) await next();
  expect(await Promise.all(answers)).toHaveLength(6);
  expect(batches).toEqual([[1], [2, 3, 4], [5, 6]]);
  expect([queue.length, queue.isFull]).toEqual([0, false]);
  const later = queue.detect(job(8), patient());
  await next();
  expect(await later).toEqual({ width: 2, height: 1, detections: nothing });
});

test("a batch has no more pixels than it may, but for a picture that has them alone", async () => {
  const { queue, batches, next } = queueWith();
  const sizes = [1, 60, 60, 300, 40, 40];
  const answers = sizes.map((width, i) => queue.detect(job(i, { width, height: 1 }), patient()));
  for (let i = 0; i < 5; i++) await next();
  await Promise.all(answers);
  expect(batches).toEqual([[0], [1], [2], [3], [4, 5]]);
});

test("who has gone is not computed", async () => {
  const { queue, batches, next } = queueWith();
  const client = new AbortController();
  const first = queue.detect(job(1), patient());
  const gone = queue.detect(job(2), client.signal);
  const last = queue.detect(job(3), patient());
  client.abort(new Error("gone"));
  await expect(gone).rejects.toThrow("gone");
  await next();
  await next();
  await Promise.all([first, last]);
  expect([batches, queue.length]).toEqual([[[1], [3]], 0]);
});

test("a damaged picture is refused alone, a failure of the engine meets its batch alone", async () => {
  const decode = async ([name]: Uint8Array): Promise<Picture> => {
    if (name === 2) throw new Error("the picture cannot be decoded: half of it is missing");
    return { data: Uint8Array.of(name!), width: 2, height: 1 };
  };
  const detect = async (pictures: readonly Picture[]) => {
    if (pictures.some(({ data }) => data[0] === 4)) throw new Error("no memory");
    return pictures.map(() => nothing);
  };
  const { queue } = queueWith({ decode, detect, batchSize: 2 });
  const results = await Promise.allSettled([1, 2, 3, 4, 5].map((name) => queue.detect(job(name), patient())));
  expect(results.map((one) => (one.status === "fulfilled" ? "answered" : one.reason.message))).toEqual([
    "answered",
    "the picture cannot be decoded: half of it is missing",
    "answered",
    "no memory",
    "no memory",
  ]);
});
