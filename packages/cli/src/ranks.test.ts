import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { freePort } from "@singleshot/torch/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { drawOf, launchWords, rankTrial, stopRank, stopTrial, type Undisturbed, undisturbed } from "./testing/chaos/index.js";
import { singleshot, start, temporaryFolder } from "./testing/index.js";

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

  test("all stop and save when one of them that is not the first is asked to", async () => {
    const { code, stdout, stderr } = await stopRank(cwd, "pair", "long", 1);
    expect([code, stderr]).toEqual([130, ""]);
    expect(stdout).toMatch(/\nInterrupted after step \d+; all is saved\. To go on:\n/);
  });

  test("that have not met are stopped at once", async () => {
    const words = ["train", "--recipe", "pair.json", "--data", "photos", "--out", "none", "--world-size", "2", "--rank", "0"];
    const { child, ended, says } = start([...words, "--master-port", String(await freePort())], { cwd });
    await says("Ctrl-C saves and stops");
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect([code, stderr.split("\n").slice(1)]).toEqual([
      130,
      [`rank 0 of 2 on ${hostname()} was stopped while it waited for the others: nothing was begun.`, ""],
    ]);
    expect(existsSync(join(cwd, "none"))).toBe(false);
  });

  test("evaluate as one does, each some of the pictures", async () => {
    const numbers = async (...before: string[]) => {
      const { stdout } = await singleshot([...before, "eval", "pair-whole", "--data", "photos", "--batch-size", "1", "--json"], { cwd });
      return { ...JSON.parse(stdout), durationMs: undefined };
    };
    expect(await numbers(...launchWords(2))).toEqual(await numbers());
  });
});
