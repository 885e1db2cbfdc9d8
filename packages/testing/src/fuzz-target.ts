import { seededRandom } from "./random.js";
import { fnv1a } from "./recipes.js";

/** A kind of file that is read, how it is damaged, and what must become of it. */
export interface FuzzTarget {
  /** its ending: `.xml` */
  format: string;
  /** what of it is damaged, if there are several of a format */
  what: string;
  /** trials at every change */
  share: number;
  /** trials of a full run */
  full: number;
  damaged(draw: () => number): Uint8Array;
  /**
   * Reads the file as the product does and looks at what comes of it. The one message that tells what is wrong is a refusal; anything
   * else is thrown on.
   */
  isRefused(bytes: Uint8Array, trial: number): boolean | Promise<boolean>;
}

export interface FuzzResult {
  trials: number;
  refused: number;
  slowestMs: number;
  mostBytes: number;
  /** trials that ended as they must not, each with its number */
  failures: string[];
}

const [TOO_LONG_MS, TOO_MUCH] = [2000, 500 * 2 ** 20];

/**
 * Reads so many damaged files. A trial is determined by target, seed and number.
 *
 * @param begun is told each trial before it begins: what ends the process is found by it
 */
export async function runTrials(
  target: FuzzTarget,
  { seed, from = 0, to, begun }: { seed: number; from?: number; to: number; begun?: (trial: number) => void },
): Promise<FuzzResult> {
  const result: FuzzResult = { trials: to - from, refused: 0, slowestMs: 0, mostBytes: 0, failures: [] };
  const before = process.memoryUsage.rss();
  for (let trial = from; trial < to; trial++) {
    const bytes = target.damaged(seededRandom(fnv1a(`${target.format} ${target.what} ${seed} ${trial}`)));
    begun?.(trial);
    const fail = (reason: string) => result.failures.push(`trial ${trial} of seed ${seed}: ${reason}`);
    const start = process.cpuUsage(); // not the clock: the machine may be busy
    try {
      if (await target.isRefused(bytes, trial)) result.refused++;
    } catch (error) {
      fail((error as Error).stack ?? String(error));
    }
    const { user, system } = process.cpuUsage(start);
    const durationMs = (user + system) / 1000;
    const grownBytes = process.memoryUsage.rss() - before;
    if (durationMs > TOO_LONG_MS) fail(`took ${Math.round(durationMs)} ms of CPU`);
    if (grownBytes > TOO_MUCH) fail(`${Math.round(grownBytes / 2 ** 20)} MB more`);
    if (Object.keys(Object.prototype).length > 0) fail("all objects were changed");
    result.slowestMs = Math.max(result.slowestMs, durationMs);
    result.mostBytes = Math.max(result.mostBytes, grownBytes);
  }
  return result;
}
