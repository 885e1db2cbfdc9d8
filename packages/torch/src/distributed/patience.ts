import { setTimeout as sleep } from "node:timers/promises";

/** How long somebody waits, and what makes them stop sooner. */
export interface Patience {
  limitMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * Asks again and again.
 *
 * @returns the first answer that is not undefined; undefined when the time is up
 * @throws AbortError when the signal says so
 */
export async function askUntil<T>(ask: () => Promise<T | undefined>, { limitMs, signal }: Patience, pauseMs = 100): Promise<T | undefined> {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    const left = end - performance.now();
    if (answer !== undefined || left <= 0) return answer;
    await sleep(Math.min(pauseMs, left), undefined, signal && { signal });
  }
}

/**
 * Waits for what native code does on a thread of its own, where it cannot be called off: it is left behind.
 *
 * @returns undefined when the time is up
 * @throws AbortError when the signal says so
 */
export async function within<T>(work: Promise<T>, { limitMs, signal }: Patience): Promise<T | undefined> {
  const done = new AbortController();
  const late = sleep(limitMs, undefined, { signal: signal ? AbortSignal.any([signal, done.signal]) : done.signal });
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}
