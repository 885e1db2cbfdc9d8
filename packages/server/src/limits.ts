/** What a server lets in. Beyond it a request gets a clear refusal, and the server's memory stays bounded. */
export interface Limits {
  /** Bytes of one picture's file: 413. */
  bodyBytes: number;
  /** Bytes of all files that are held at a time: 429. */
  heldBytes: number;
  /** Pixels of one picture: 422. */
  pixels: number;
  /** Requests that wait or are computed: 429. */
  queue: number;
  /** Until a request's body must have arrived (408), and from then until its answer must be there (503). */
  seconds: number;
  /** Connections at a time; more are closed. */
  connections: number;
}

const MEGABYTE = 2 ** 20;

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 32 * MEGABYTE,
  heldBytes: 256 * MEGABYTE,
  pixels: 50_000_000, // 150 MB once decoded: more than any camera's picture
  queue: 64,
  seconds: 30,
  connections: 1024,
};

/** Header time-out of slow senders, in milliseconds. */
export const HEADERS_MS = 60_000;
