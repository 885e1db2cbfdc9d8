import { afterEach, describe, expect, test, vi } from "vitest";
import { type FuzzTarget, fuzzCount, mutate, runTrials, uniform } from "./index.js";

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

describe("trials", () => {
  const target: FuzzTarget = {
    ...{ format: ".a", what: "letters", share: 1, full: 1 },
    damaged: (draw) => Uint8Array.of(256 * draw()),
    isRefused: ([byte]) => {
      if (byte! < 8) throw new Error("not the one message");
      return byte! < 128;
    },
  };

  test("count what was refused, and tell which did not end as it must", async () => {
    const { trials, refused, failures } = await runTrials(target, { seed: 1, to: 400 });
    expect([trials, refused > 140 && refused < 240, failures.length > 0]).toEqual([400, true, true]);
    expect(failures[0]).toMatch(/^trial \d+ of seed 1: Error: not the one message/);
  });

  test("are the same whatever was tried before, and others for another seed", async () => {
    const seen: number[][] = [[], [], []];
    const watching = (n: number): FuzzTarget => ({ ...target, isRefused: ([byte]) => seen[n]!.push(byte!) > 0 });
    await runTrials(watching(0), { seed: 1, to: 40 });
    for (const from of [0, 25]) await runTrials(watching(1), { seed: 1, from, to: from === 0 ? 25 : 40 });
    await runTrials(watching(2), { seed: 2, to: 40 });
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).not.toEqual(seen[0]);
  });
});
