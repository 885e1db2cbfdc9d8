import { above, type PictureRecord, pictureRecord, type Size } from "@singleshot/vision";
import { formatOf, probePicture } from "@singleshot/vision/node";
import { deadline } from "./deadline.js";
import type { Limits } from "./limits.js";
import type { Queue } from "./queue.js";
import { type Held, readBody } from "./read-body.js";
import { later, Refusal } from "./refusal.js";
import { scoreOf } from "./score.js";

export interface DetectService {
  model: string;
  classes: readonly string[];
  queue: Queue;
  held: Held;
  limits: Limits;
  /** Where a request does not say another. */
  score: number;
}

/** The result of `singleshot predict --json`, with one picture. */
export interface DetectResult {
  model: string;
  images: [PictureRecord];
}

/**
 * The detections of the picture in a request's body.
 *
 * @param query score: weaker ones are left out. file: what the picture is called in the answer
 * @throws Refusal
 */
export async function detectIn(request: Request, query: { score?: string; file?: string }, service: DetectService): Promise<DetectResult> {
  const { model, classes, queue, held, limits } = service;
  const score = scoreOf(query.score, service.score);
  refuseForm(request.headers.get("content-type") ?? "");
  if (queue.isFull) throw later(429, `${limits.queue} pictures wait already: try again`);
  const { bytes, release } = await readBody(request, held, limits);
  const { signal, release: stopClock } = deadline(request.signal, limits.seconds);
  try {
    if (bytes.length === 0) throw new Refusal(400, "the body is empty: send a picture");
    await orRefuse(415, () => formatOf(bytes));
    const size = await sizeOf(bytes, limits.pixels);
    const { detections, ...own } = await queue.detect({ bytes, size }, signal);
    return { model, images: [pictureRecord(query.file ?? "picture", own, above(detections, score), classes)] };
  } finally {
    release();
    stopClock();
  }
}

function refuseForm(contentType: string): void {
  if (/^multipart\/|^application\/json/i.test(contentType))
    throw new Refusal(415, `the picture itself is the body, not ${contentType.split(";")[0]}: curl --data-binary @photo.jpg`);
}

/** Seen in the header, before any memory is taken for pixels. */
async function sizeOf(bytes: Uint8Array, most: number): Promise<Size> {
  const { width, height } = await orRefuse(422, () => probePicture(bytes));
  if (width * height > most) throw new Refusal(422, `the picture has ${width} x ${height} pixels, more than ${most / 1e6} million`);
  return { width, height };
}

async function orRefuse<T>(status: 415 | 422, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Refusal(status, (error as Error).message);
  }
}
