import { cpSync } from "node:fs";
import { join } from "node:path";
import { expectClose } from "@singleshot/testing";
import { printed, runWorld } from "@singleshot/torch/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sharedSteps } from "../testing/shared-steps.js";
import { type TinyRuns, tinyRunRecipe, tinyRuns } from "../testing/tiny-run.js";
import { alone } from "./index.js";

const from = (module: string) => JSON.stringify(new URL(module, import.meta.url).href);

describe("the losses and gradients of every step are those of one process with the same batch", () => {
  const plans: [number, string[]][] = [
    [2, ["ssdlite", "ssd", "retinanet in parts"]],
    [4, ["ssdlite", "ssd", "retinanet"]],
  ];
  const alones = new Map<string, Promise<number[][]>>();
  const byOne = (net: string) => alones.get(net) ?? alones.set(net, sharedSteps(alone, net)).get(net)!;
  test.each(plans)("in %i processes: %j", async (size, nets) => {
    const source = `
      const [{ sharedSteps }, { joinTeam }] = [await import(${from("../testing/shared-steps.js")}), await import(${from("./index.js")})];
      const team = await joinTeam(world);
      const values = {};
      for (const net of ${JSON.stringify(nets)}) values[net] = await sharedSteps(team, net);
      await team.close();
      console.log(JSON.stringify(values));
    `;
    const ranks = printed<Record<string, number[][]>>(await runWorld(size, source));
    for (const net of nets) {
      const one = await byOne(net);
      for (const own of ranks) expectClose(own[net]!, one, { rtol: 1e-7, name: net }); // float64
    }
  });
});

describe("a run in two processes", () => {
  let runs: TinyRuns;
  beforeAll(async () => {
    runs = await tinyRuns();
  });
  afterAll(() => runs.remove());

  const over = {
    data: { batchSize: 3, lastBatch: "keep" }, // of five pictures: batches of 2 + 1 and 1 + 1
    schedule: { name: "constant", epochs: 2, warmupSteps: 0 },
    optimizer: { name: "sgd", learningRate: 1e-4, momentum: 0.9 },
    training: { syncBatchNorm: true, emaDecay: 0.5 },
    evaluation: { loss: true },
  };

  /** Trains in two processes; each says where it stands in the end. */
  async function together(name: string, recipe: object, options: object = {}, also = ""): Promise<Record<string, unknown>[]> {
    const source = `
      const { tinyRunRecipe, tinyRunsIn } = await import(${from("../testing/tiny-run.js")});
      const recipe = tinyRunRecipe(${JSON.stringify(recipe)});
      const options = { recipe, pictures: 5, world, ...${JSON.stringify(options)} };
      ${also}
      const { progress: { recordedBytes: _, ...progress }, interrupted } = await tinyRunsIn(${JSON.stringify(runs.folder)}).train(${JSON.stringify(name)}, options);
      console.log(JSON.stringify({ ...progress, interrupted }));
    `;
    return printed(await runWorld(2, source));
  }

  test("trains and evaluates as one process does, and rank 0 alone writes", async () => {
    const ends = await together("two", over);
    expect(ends[1]).toEqual(ends[0]);
    await runs.train("one", { recipe: tinyRunRecipe(over), pictures: 5 });
    const [two, one] = [runs.lines("two"), runs.lines("one")];
    expect(two.map(Object.keys)).toEqual(one.map(Object.keys));
    const first = (said: typeof one) => [said[0]!.loss!, said[0]!.classification!, said[0]!.regression!];
    expectClose(first(two), first(one), { rtol: 1e-5 }); // later ones follow the weights, and batch norm of maps of one pixel magnifies
    const evaluated = (said: typeof one) =>
      said.flatMap(({ evaluationLosses }) => (evaluationLosses ? [Object.values(evaluationLosses)] : []));
    expectClose(evaluated(two)[0] as number[], evaluated(one)[0] as number[], { rtol: 1e-2 });
  });

  test("that was stopped on one rank and resumed ends with the same bits", async () => {
    const stop = `if (world.rank === 0) {
      const control = new AbortController();
      Object.assign(options, { signal: control.signal, observers: [{ stepped: () => control.abort() }] });
    }`;
    await together("whole", over);
    const stopped = await together("stopped", over, {}, stop);
    expect(stopped.map(({ interrupted }) => interrupted)).toEqual([true, true]);
    cpSync(join(runs.folder, "stopped"), join(runs.folder, "moved"), { recursive: true });
    await together("stopped", over, { resume: true });
    expect(runs.outcome("stopped")).toEqual(runs.outcome("whole"));
  });

  test("goes on in one process", async () => {
    const { progress } = await runs.train("moved", { recipe: tinyRunRecipe(over), pictures: 5, resume: true });
    expect(progress).toMatchObject({ epoch: 2, step: 0, globalStep: 4 });
    expect(runs.lines("moved").map(Object.keys)).toEqual(runs.lines("whole").map(Object.keys));
    expectClose([runs.lines("moved")[1]!.loss!], [runs.lines("whole")[1]!.loss!], { rtol: 1e-3 });
  });
});
