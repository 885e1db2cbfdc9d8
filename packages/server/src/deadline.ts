import { later } from "./refusal.js";

/** Aborted when the time is over or the client has gone. */
export interface Deadline {
  signal: AbortSignal;
  /** To be called when the request is answered. */
  release(): void;
}

/** AbortSignal.any would hold every request's signal until the garbage collector comes by. */
export function deadline(client: AbortSignal, seconds: number): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(later(503, `no answer within ${seconds} s: try again`)), 1000 * seconds);
  const gone = () => controller.abort(new Error("the client has gone"));
  client.addEventListener("abort", gone);
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer);
      client.removeEventListener("abort", gone);
    },
  };
}
