import { beforeAll, describe, expect, test } from "vitest";
import { drawOf, launchWords, rankTrial, stopTrial, type Undisturbed, undisturbed } from "./testing/chaos/index.js";
import { singleshot, temporaryFolder } from "./testing/index.js";

// The small share of `npm run chaos -- --ranks 50`; CHAOS_SEED gives other moments.
const seed = Number(process.env.CHAOS_SEED ?? 1);
const cwd = temporaryFolder();

let whole: Undisturbed;
beforeAll(async () => {
  whole = await undisturbed(cwd, "pair", { before: launchWords(2) });
}, 120_000);

describe("two processes that train together", { timeout: 300_000 }, () => {
  test("three kills of one or the other: all are gone, it is said which, and the end is that of a run that nobody disturbed", async () => {
    const { wrong, killed, goneMs } = await rankTrial(cwd, whole, "killed", drawOf(seed, 1), { kills: 3 });
    expect(wrong).toEqual([]);
    expect(killed.length).toBeGreaterThan(0);
    expect(goneMs).toBeLessThan(10_000);
  });

  test("asked to stop, they save, and go on to the same numbers", async () => {
    expect(await stopTrial(cwd, whole, "stopped", drawOf(seed, 4))).toMatchObject({ differs: [] });
  });

  test("evaluate as one does, each some of the pictures", async () => {
    const numbers = async (...before: string[]) => {
      const { stdout } = await singleshot([...before, "eval", "pair-whole", "--data", "photos", "--batch-size", "1", "--json"], { cwd });
      return { ...JSON.parse(stdout), durationMs: undefined };
    };
    expect(await numbers(...launchWords(2))).toEqual(await numbers());
  });
});
