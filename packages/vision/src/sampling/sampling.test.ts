import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { permutation, randomOf } from "../random.js";
import { aspectGroups, balancedPictures, batchCounts, type EpochOptions, epochBatches, groupedBatches, repeatFactors } from "./index.js";

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const plans = fc.record({
  pictures: fc.integer({ min: 1, max: 60 }),
  seed: seeds,
  epoch: fc.integer({ min: 0, max: 6 }),
  batchSize: fc.integer({ min: 1, max: 17 }),
});
const counted = (indices: number[]) => indices.reduce((counts, i) => counts.set(i, (counts.get(i) ?? 0) + 1), new Map<number, number>());
const silent = () => {};

describe("an epoch", () => {
  test("is the same for the same arguments, and shows every picture once", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const batches = epochBatches(plan);
        expect(epochBatches(plan)).toEqual(batches);
        expect(batches.flat()).toEqual(permutation(randomOf(plan.seed, plan.epoch), plan.pictures));
        expect(batches.slice(0, -1).every((batch) => batch.length === plan.batchSize)).toBe(true);
      }),
    );
  });

  test("in order, where it is not shuffled", () => {
    expect(epochBatches({ pictures: 5, seed: 1, epoch: 3, batchSize: 2, shuffle: false })).toEqual([[0, 1], [2, 3], [4]]);
    expect(epochBatches({ pictures: [7, 8, 9], seed: 1, epoch: 3, batchSize: 2, shuffle: false, last: "drop" })).toEqual([[7, 8]]);
  });

  test("rolls what is left over into the next: after any number of epochs all but the last few pictures were seen as often", () => {
    fc.assert(
      fc.property(plans, ({ epoch: last, ...plan }) => {
        const epochs = Array.from({ length: last + 1 }, (_, epoch) => epochBatches({ ...plan, epoch, last: "roll-over" }));
        const orders = Array.from({ length: last + 1 }, (_, epoch) => permutation(randomOf(plan.seed, epoch), plan.pictures));
        const stream = orders.flat();
        const seen = epochs.flat(2);
        expect(seen).toEqual(stream.slice(0, stream.length - (stream.length % plan.batchSize)));
        expect(epochs.flat().every((batch) => batch.length === plan.batchSize)).toBe(true);
      }),
    );
  });

  test("rolls over with repeated pictures too", () => {
    const plan = { pictures: 7, seed: 3, batchSize: 4, last: "roll-over", repeats: [1, 1.5, 1, 2.25, 1, 1, 1] } as const;
    const whole = Array.from({ length: 5 }, (_, epoch) => epochBatches({ ...plan, epoch, last: "keep", batchSize: 1 })).flat(2);
    const seen = Array.from({ length: 5 }, (_, epoch) => epochBatches({ ...plan, epoch })).flat(2);
    expect(seen).toEqual(whole.slice(0, whole.length - (whole.length % 4)));
  });

  test("has as many batches as are counted without making them", () => {
    const lasts = fc.constantFrom("keep" as const, "drop" as const, "roll-over" as const);
    const list = (most: fc.Arbitrary<number>) => fc.option(fc.array(most, { minLength: 60, maxLength: 60 }), { nil: undefined });
    const factors = list(fc.double({ min: 1, max: 3, noNaN: true }));
    fc.assert(
      fc.property(plans, lasts, list(fc.nat(3)), factors, ({ epoch: epochs, ...plan }, last, groups, repeats) => {
        const chosen = { ...(repeats && { repeats }), ...(groups && last !== "roll-over" && { groups }) };
        const made = Array.from({ length: epochs }, (_, epoch) => epochBatches({ ...plan, ...chosen, last, epoch }).length);
        expect(batchCounts({ ...plan, ...chosen, last }, epochs)).toEqual(made);
      }),
    );
  });

  test("cannot roll over batches of one group", () => {
    const options: EpochOptions = { pictures: 3, seed: 1, epoch: 0, batchSize: 2, groups: [0, 1, 0], last: "roll-over" };
    expect(() => epochBatches(options)).toThrow(
      "batches of one group cannot roll over into the next epoch. Keep or drop the last ones, or leave out the groups.",
    );
  });
});

describe("aspect-ratio groups", () => {
  test("have torchvision's edges", () => {
    const size = (height: number) => ({ width: 1000, height });
    const heights = [499, 500, 629, 631, 793, 794, 999, 1000, 1259, 1260, 1587, 1588, 1999, 2000, 5000];
    expect([...aspectGroups(heights.map(size))]).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]);
    expect([...aspectGroups([500, 1000, 1001].map(size), 0)]).toEqual([0, 1, 1]);
  });

  test("come in batches of one group; the fullest rest is filled up with what its group began with", () => {
    const groups = [0, 1, 0, 1, 1, 0, 1, 1, 0];
    const order = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    expect(groupedBatches(order, groups, 3, "drop")).toEqual([
      [1, 3, 4],
      [0, 2, 5],
      [6, 7, 1],
    ]);
    expect(groupedBatches(order, groups, 3, "keep")).toEqual([[1, 3, 4], [0, 2, 5], [6, 7], [8]]);
    expect(groupedBatches([0, 1, 2], [0, 1, 2], 3, "drop")).toEqual([[0, 0, 0]]);
  });

  test("every batch is of one group; dropping gives as many as without groups, keeping shows every picture once", () => {
    fc.assert(
      fc.property(plans, fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 60, maxLength: 60 }), (plan, groups) => {
        const kept = epochBatches({ ...plan, groups });
        const dropped = epochBatches({ ...plan, groups, last: "drop" });
        for (const batch of [...kept, ...dropped]) expect(new Set(batch.map((i) => groups[i])).size).toBe(1);
        expect(dropped.length).toBe(Math.floor(plan.pictures / plan.batchSize));
        expect(dropped.every((batch) => batch.length === plan.batchSize)).toBe(true);
        expect(kept.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: plan.pictures }, (_, i) => i));
      }),
    );
  });
});

describe("class balance", () => {
  const classes = ["cat", "dog", "fox"];
  const labelled = fc.array(fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }), { maxLength: 40 });

  test("takes as many pictures of each class as the rarest has, at least, and no more than that times the classes", () => {
    fc.assert(
      fc.property(labelled, seeds, (labels, seed) => {
        const of = (label: number, pictures: number[]) => pictures.filter((i) => labels[i]!.includes(label)).length;
        const all = labels.map((_, i) => i);
        const present = [1, 2, 3].filter((label) => of(label, all) > 0);
        const rarest = Math.min(...present.map((label) => of(label, all)));
        const chosen = balancedPictures(labels, classes, randomOf(seed), silent);
        expect(new Set(chosen).size).toBe(chosen.length);
        expect(chosen.length).toBeLessThanOrEqual(present.length === 0 ? 0 : rarest * present.length);
        for (const label of present) expect(of(label, chosen)).toBeGreaterThanOrEqual(rarest);
        expect(chosen).toEqual(balancedPictures(labels, classes, randomOf(seed), silent));
      }),
    );
  });

  test("names the classes that no picture shows, and goes on without", () => {
    const warnings: string[] = [];
    const chosen = balancedPictures([[1], [1, 1], [2], []], [...classes, "owl"], randomOf(1), (message) => warnings.push(message));
    expect(warnings).toEqual(["no picture shows 'fox', 'owl'; the others are balanced without"]);
    expect(chosen.length).toBe(2);
  });
});

describe("repeat factors", () => {
  test("are 1 for frequent classes, √(threshold / share) for rare ones, and the largest of a picture", () => {
    const labels = [[1], [1], [1, 2], [1], [], [1], [1], [1], [1], [1]];
    expect([...repeatFactors(labels, 2, 0.4)]).toEqual([1, 1, 2, 1, 1, 1, 1, 1, 1, 1]);
  });

  test("come true on average", () => {
    const plan = { pictures: 3, seed: 5, batchSize: 1, repeats: [1, 1.3, 2.5] };
    const counts = counted(Array.from({ length: 2000 }, (_, epoch) => epochBatches({ ...plan, epoch })).flat(2));
    expect(counts.get(0)).toBe(2000);
    expect(Math.abs(counts.get(1)! - 2600)).toBeLessThan(82); // four standard deviations
    expect(Math.abs(counts.get(2)! - 5000)).toBeLessThan(90);
  });
});
