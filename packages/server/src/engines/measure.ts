import type { Picture } from "@singleshot/vision";
import type { Runner } from "./engine.js";

const [WARM_UP, ROUNDS] = [2, 5];
const PICTURE = { width: 640, height: 480 };

/** Milliseconds a picture of 640 × 480, from pixels to detections: the median of a few, the runners in turn. */
export async function measure<Name extends string>(runners: Record<Name, Runner>): Promise<Record<Name, number>> {
  const entries = Object.entries(runners) as [Name, Runner][];
  const times = new Map(entries.map(([name]) => [name, [] as number[]]));
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const [name, runner] of entries) {
      const start = performance.now();
      await runner.detect([speckled(round)]);
      if (round >= 0) times.get(name)!.push(performance.now() - start);
    }
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
  return Object.fromEntries(entries.map(([name]) => [name, median(times.get(name)!)])) as Record<Name, number>;
}

/** Some picture. */
function speckled(seed: number): Picture {
  const data = Uint8Array.from({ length: 3 * PICTURE.width * PICTURE.height }, (_, i) => ((i + seed) * 2_654_435_761) >>> 24);
  return { data, ...PICTURE };
}
