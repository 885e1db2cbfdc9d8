import { fuzzCount, runTrials } from "@singleshot/testing";
import { expect, test } from "vitest";
import { annotationTargets } from "./testing/fuzz-targets.js";
import { scratchFolder } from "./testing/index.js";

test.each(annotationTargets(scratchFolder()))(
  "$share damaged $format files ($what) are read or refused with one message, and never give an unusable box",
  async (target) => {
    const { failures } = await runTrials(target, { seed: Number(process.env.FUZZ_SEED ?? 1), to: fuzzCount(target.share) });
    expect(failures).toEqual([]);
  },
);
