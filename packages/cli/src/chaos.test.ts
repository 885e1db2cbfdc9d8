import { beforeAll, describe, expect, test } from "vitest";
import { chain, diskLimits, diskTrial, drawOf, stopTrial, type Undisturbed, undisturbed } from "./testing/chaos/index.js";
import { temporaryFolder } from "./testing/index.js";

// The small share of `npm run chaos`. Whatever the moments are, the numbers in the end are the same; CHAOS_SEED gives others.
const seed = Number(process.env.CHAOS_SEED ?? 1);
const cwd = temporaryFolder();

let whole: Undisturbed;
beforeAll(async () => {
  whole = await undisturbed(cwd, "ssdlite");
}, 120_000);

describe("a run that is disturbed ends with the same tensors and lines as one that is not", { timeout: 300_000 }, () => {
  test("killed four times, wherever it was, it loses no more than the steps since it saved", async () => {
    const { differs, kills, lostSteps } = await chain(cwd, whole, "killed", drawOf(seed, 1), { kills: 4 });
    expect(differs).toEqual([]);
    expect(kills).toBeGreaterThan(0);
    expect(lostSteps).toBeLessThanOrEqual(3);
  });

  test("killed twice and extended by an epoch", async () => {
    expect(await chain(cwd, whole, "extended", drawOf(seed, 2), { kills: 2, extended: true })).toMatchObject({ differs: [] });
  });

  test("asked to stop twice in a row, it leaves at once", async () => {
    const { differs, tookMs } = await stopTrial(cwd, whole, "stopped", drawOf(seed, 3), { twice: true });
    expect(differs).toEqual([]);
    expect(tookMs).toBeLessThan(10_000);
  });

  test.each(diskLimits(cwd))("out of space (%s) it keeps what it had, says so, and goes on when there is room", async (limit) => {
    expect(await diskTrial(cwd, whole, `full-${limit.split(" ")[0]}`, drawOf(seed, 4), limit)).toMatchObject({ wrong: [] });
  });
});
