import { afterEach, describe, expect, test, vi } from "vitest";
import { fuzzCount, mutate, uniform } from "./index.js";

afterEach(() => vi.unstubAllEnvs());

/** Numbers in [0, 1) that belong to a trial. */
function drawOf(trial: number): () => number {
  let next = 0;
  const u = uniform(`trial ${trial}`, 100);
  return () => (u[next++ % 100]! + 1) / 2;
}

describe("fuzzing", () => {
  const bytes = new TextEncoder().encode("<a><x>12</x><y>3.5</y></a>");

  test("damages a copy, the same way for the same numbers", () => {
    const before = bytes.slice();
    const results = Array.from({ length: 500 }, (_, trial) => Buffer.from(mutate(bytes, drawOf(trial))).toString("latin1"));
    expect(bytes).toEqual(before);
    expect(results).toEqual(Array.from({ length: 500 }, (_, trial) => Buffer.from(mutate(bytes, drawOf(trial))).toString("latin1")));
    expect(new Set(results).size).toBeGreaterThan(400);
    expect(results.filter((text) => text === Buffer.from(bytes).toString("latin1")).length).toBeLessThan(50);
    expect(results.some((text) => text.includes("1e999"))).toBe(true);
  });

  test("an empty file can be damaged too", () => {
    for (let trial = 0; trial < 200; trial++) mutate(new Uint8Array(0), drawOf(trial));
  });

  test("the number of trials follows FUZZ_SCALE", () => {
    vi.stubEnv("FUZZ_SCALE", "");
    expect(fuzzCount(200)).toBe(200);
    vi.stubEnv("FUZZ_SCALE", "25");
    expect(fuzzCount(200)).toBe(5000);
  });
});
