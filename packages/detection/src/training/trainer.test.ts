import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TinyRuns, tinyRunRecipe, tinyRuns } from "../testing/tiny-run.js";
import type { TrainingObserver } from "./index.js";

let runs: TinyRuns;
beforeAll(async () => {
  runs = await tinyRuns();
});
afterAll(() => runs.remove());

/** Trains into a folder; interrupted behind the given steps it is gone on with. */
async function interrupted(name: string, over: object, pictures: number, interruptions: readonly number[] = []) {
  const recipe = tinyRunRecipe(over);
  const steps: number[] = [];
  for (const [attempt, last] of [...interruptions, Number.POSITIVE_INFINITY].entries()) {
    const abort = new AbortController();
    if (last === 0) abort.abort();
    const stepped = ({ step, steps: total }: { step: number; steps: number }) => {
      steps.push(total);
      if (step === last) abort.abort();
    };
    const result = await runs.train(name, { recipe, pictures, resume: attempt > 0, signal: abort.signal, observers: [{ stepped }] });
    expect(result.interrupted).toBe(last !== Number.POSITIVE_INFINITY);
  }
  return { total: steps, ...runs.outcome(name) };
}

describe("a run whose epochs have different numbers of steps", () => {
  const plans = [
    { pictures: 5, counts: [1, 1, 1, 2], interruptions: [2, 4] },
    { pictures: 3, counts: [0, 1, 1, 1], interruptions: [0, 1] },
  ];
  test.each(plans)("has $counts of them, also where it is interrupted", async ({ pictures, counts, interruptions }) => {
    const over = { data: { lastBatch: "roll-over" }, schedule: { epochs: counts.length } };
    const whole = await interrupted(`whole-${pictures}`, over, pictures);
    const stopped = await interrupted(`stopped-${pictures}`, over, pictures, interruptions);
    const steps = counts.reduce((sum, count) => sum + count, 0);
    expect(whole.total).toEqual(new Array(steps).fill(steps));
    expect(stopped).toEqual(whole);
    const trained = whole.metrics.split("\n").filter((line) => line.includes('"loss"'));
    expect(trained.map((line) => (JSON.parse(line) as { epoch: number }).epoch)).toEqual(
      counts.flatMap((n, i) => new Array(n).fill(i + 1)),
    );
    expect(whole.metrics.match(/"evaluation"/g)).toHaveLength(counts.length);
  });

  test("that would have none at all is refused", async () => {
    await expect(runs.train("none", { recipe: tinyRunRecipe({ data: { lastBatch: "roll-over" } }), pictures: 3 })).rejects.toThrow(
      "photos: all epochs together do not fill one batch of 4. Set data.lastBatch to keep, or train with smaller batches or more epochs.",
    );
    expect(existsSync(join(runs.folder, "none"))).toBe(false); // so is every run that cannot begin
  });
});

describe("a run", () => {
  const at = (name: string, file: string) => join(runs.folder, name, "checkpoints", `${file}.pth`);

  test.each(["first", "last"])(
    "that is interrupted in its %s evaluation makes it when it goes on, and ends as one that was not",
    async (which) => {
      const over = { data: { batchSize: 1 }, schedule: { epochs: 2 } };
      const epoch = which === "first" ? 0 : 1;
      const whole = await interrupted(`evaluated-${which}`, over, 2);
      const abort = new AbortController();
      let steps = 0;
      const torn: TrainingObserver = {
        stepped: ({ step }) => {
          steps = step;
        },
        evaluating: () => steps === 2 * (epoch + 1) && abort.abort(),
      };
      const first = await runs.train(which, { recipe: tinyRunRecipe(over), pictures: 2, signal: abort.signal, observers: [torn] });
      expect(first).toMatchObject({ interrupted: true, progress: { epoch, step: 2 } });
      await runs.train(which, { recipe: tinyRunRecipe(over), pictures: 2, resume: true });
      expect(runs.outcome(which)).toEqual({ last: whole.last, metrics: whole.metrics });
    },
  );

  test("saves in the middle of an epoch, keeps weights of every so many epochs, and measures the loss on the evaluation split", async () => {
    const recipe = tinyRunRecipe({
      data: { batchSize: 1 },
      schedule: { epochs: 4 },
      training: { saveEvery: { steps: 3 }, keepEveryEpochs: 3 },
      evaluation: { everyEpochs: 4, loss: true },
    });
    const saves: number[] = [];
    const result = await runs.train("saving", { recipe, observers: [{ saved: ({ step }) => saves.push(step) }] });
    expect(saves).toEqual([3, 4, 6, 8, 9, 12, 15, 16, 16]); // every third step, every epoch; before the evaluation and behind it
    expect(["epoch-3", "best", "best-loss", "last"].filter((name) => !existsSync(at("saving", name)))).toEqual([]);
    expect(existsSync(at("saving", "epoch-4"))).toBe(false);
    const { losses, evaluation } = result.last!;
    expect(losses!.loss).toBeCloseTo(losses!.classification + losses!.regression, 9);
    expect(evaluation!.images).toBe(2);
    expect(result.progress.bestLoss).toEqual({ value: losses!.loss, epoch: 4 });
  });

  test("without mAP keeps the best by loss, and stops early where it does not get better", async () => {
    const recipe = tinyRunRecipe({
      schedule: { name: "constant", epochs: 9 },
      optimizer: { learningRate: 1e-12 }, // nothing is learned: batch norm's statistics alone move
      training: { earlyStopping: { patience: 2, metric: "loss" } },
      evaluation: { map: false, loss: true },
    });
    const losses: { epoch: number; bestLoss: boolean; evaluation?: unknown }[] = [];
    const result = await runs.train("early", { recipe, observers: [{ evaluated: (result) => void losses.push(result) }] });
    const best = losses.findLast(({ bestLoss }) => bestLoss)!.epoch;
    expect(losses.every(({ evaluation }) => evaluation === undefined)).toBe(true);
    expect(losses.length).toBe(Math.min(9, best + 2));
    expect(result).toMatchObject({ interrupted: false, stoppedEarly: losses.length < 9 });
    expect([existsSync(at("early", "best")), existsSync(at("early", "best-loss"))]).toEqual([true, false]);
  });

  test("of two epochs, extended to four, ends as one of four where the schedule does not know the end", async () => {
    const recipe = (epochs: number) => tinyRunRecipe({ schedule: { name: "multi-step", epochs, milestones: [1, 3] } });
    await runs.train("four", { recipe: recipe(4) });
    await runs.train("extended", { recipe: recipe(2) });
    await runs.train("extended", { recipe: recipe(4), resume: true });
    const withoutRecipe = ({ last, metrics }: ReturnType<TinyRuns["outcome"]>) => ({
      tensors: (last as { tensors: unknown }).tensors,
      metrics,
    });
    expect(withoutRecipe(runs.outcome("extended"))).toEqual(withoutRecipe(runs.outcome("four")));
  });

  test("has the weights of one that never evaluates, however often it does", async () => {
    const recipe = (everyEpochs: number) =>
      tinyRunRecipe({ schedule: { name: "constant", epochs: 3 }, training: { emaDecay: 0.9 }, evaluation: { everyEpochs, loss: true } });
    await runs.train("often", { recipe: recipe(1) });
    await runs.train("seldom", { recipe: recipe(3) });
    const tensors = (name: string) => (runs.outcome(name).last as { tensors: unknown }).tensors;
    expect(tensors("often")).toEqual(tensors("seldom"));
  });

  test("goes on from a checkpoint of another one, as from its own", async () => {
    const recipe = (epochs: number) => tinyRunRecipe({ schedule: { name: "constant", epochs } });
    await runs.train("two", { recipe: recipe(2) });
    await runs.train("one", { recipe: recipe(1) });
    await runs.train("next", { recipe: recipe(2), from: at("one", "last") });
    const tensors = (name: string) => (runs.outcome(name).last as { tensors: unknown }).tensors;
    expect(tensors("next")).toEqual(tensors("two"));
  });

  test("tells of a schedule that does not fit it", async () => {
    const warnings: string[] = [];
    const recipe = tinyRunRecipe({ schedule: { period: 3 } });
    await runs.train("warned", { recipe, observers: [{ warned: (message) => warnings.push(message) }] });
    expect(warnings).toContain("schedule.period is 3, the run has 1 epochs: the learning rate does not come to its end");
  });
});
