import { fuzzCount, runTrials } from "@singleshot/testing";
import { expect, test } from "vitest";
import { pictureTargets } from "./testing/fuzz-targets.js";

test.each(await pictureTargets())("$share damaged $format files are decoded whole or refused with one sentence", async (target) => {
  const { failures, refused } = await runTrials(target, { seed: Number(process.env.FUZZ_SEED ?? 1), to: fuzzCount(target.share) });
  expect(failures).toEqual([]);
  expect(refused).toBeGreaterThan(0);
});
