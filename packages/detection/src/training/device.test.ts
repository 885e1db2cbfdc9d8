import { join } from "node:path";
import { expectClose, uniform } from "@singleshot/testing";
import { fromBuffer, scope, tensor, toDevice } from "@singleshot/torch";
import { hostReads, printed, runWorld, simulatedDevice } from "@singleshot/torch/testing";
import { boxIou, type Detections, type Picture } from "@singleshot/vision";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { matcher } from "../boxes/index.js";
import { alone } from "../distributed/index.js";
import { detectPictures, loadModel } from "../evaluation/index.js";
import { recipes, resolveRecipe } from "../recipes/index.js";
import { sharedSteps } from "../testing/shared-steps.js";
import { type TinyRuns, tinyRunRecipe, tinyRuns } from "../testing/tiny-run.js";

const device = simulatedDevice();
const BEST = 20;

describe("on another device the losses and gradients of every step are those of the CPU", () => {
  test.each([
    { net: "ssdlite", steps: 3, parts: 1 },
    { net: "ssd", steps: 2, parts: 1 },
    { net: "retinanet", steps: 1, parts: 3 },
  ])(
    "$net, which reads from the device what it must: losses of each part of a batch, norm of the gradients",
    async ({ net, steps, parts }) => {
      const before = hostReads();
      const there = await sharedSteps(alone, net, { device, steps });
      expect(hostReads() - before).toBe(steps * (parts + 1));
      expectClose(there, await sharedSteps(alone, net, { steps }), { rtol: 1e-9, name: net }); // float64
    },
  );

  test("in two processes, batch norm synchronised", async () => {
    const url = (module: string) => JSON.stringify(new URL(module, import.meta.url).href);
    const source = `
      const [{ sharedSteps }, { joinTeam }] = [await import(${url("../testing/shared-steps.js")}), await import(${url("../distributed/index.js")})];
      const team = await joinTeam(world, { device: simulatedDevice() });
      const values = await sharedSteps(team, "ssdlite", { device: simulatedDevice() });
      await team.close();
      console.log(JSON.stringify(values));
    `;
    const one = await sharedSteps(alone, "ssdlite");
    for (const own of printed<number[][]>(await runWorld(2, source))) expectClose(own, one, { rtol: 1e-7 });
  });
});

describe("every recipe's matcher", () => {
  const [N, M, A] = [3, 4, 50];
  const iou = fromBuffer(Float32Array.from(uniform("overlaps", N * M * A)), [N, M, A]);
  const real = tensor([1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0], { shape: [N, M], dtype: "bool" });
  const rules = new Map([...recipes].map(([name, recipe]) => [JSON.stringify(resolveRecipe(recipe).detector.matcher), name]));

  test.each([...rules])("%s (%s)", (options) => {
    const match = matcher(JSON.parse(options));
    const there = scope(() => match(toDevice(iou, device), toDevice(real, device)).toTypedArray<"int64">());
    expect(there).toEqual(scope(() => match(iou, real).toTypedArray<"int64">()));
  });
});

describe("a run on another device", () => {
  const recipe = tinyRunRecipe({ schedule: { epochs: 2 }, training: { emaDecay: 0.5, microBatchSize: 3 }, evaluation: { loss: true } });
  let runs: TinyRuns;
  beforeAll(async () => {
    runs = await tinyRuns();
    await runs.train("cpu", { recipe });
    await runs.train("there", { recipe, device });
  });
  afterAll(() => runs.remove());

  test("records what a run on the CPU records, beginning with the same weights", () => {
    expect(runs.lines("there").map(Object.keys)).toEqual(runs.lines("cpu").map(Object.keys));
    expectClose([runs.lines("there")[0]!.loss!], [runs.lines("cpu")[0]!.loss!], { rtol: 1e-4 });
  });

  test("that was stopped and resumed ends with the same bits", async () => {
    const control = new AbortController();
    await runs.train("stopped", { recipe, device, signal: control.signal, observers: [{ stepped: () => control.abort() }] });
    const { interrupted } = await runs.train("stopped", { recipe, device, resume: true });
    expect(interrupted).toBe(false);
    expect(runs.outcome("stopped")).toEqual(runs.outcome("there"));
  });

  test("leaves a model that finds the same wherever it is loaded", () => {
    const picture: Picture = { data: Uint8Array.from(uniform("picture", 3 * 80 * 60), (u) => 255 * u), width: 80, height: 60 };
    const [here, there] = ["cpu", device].map((where) => {
      const { detector } = loadModel(join(runs.folder, "there"), { device: where });
      const [found] = detectPictures(detector, [picture]);
      detector.dispose();
      return found!;
    }) as [Detections, Detections];
    expect(here.scores.length).toBeGreaterThan(BEST);
    const alike = Array.from(
      { length: BEST },
      (
        _,
        i, // some are so close in score that rounding decides which is first
      ) =>
        there.scores.some(
          (score, k) =>
            there.labels[k] === here.labels[i] &&
            Math.abs(score - here.scores[i]!) < 1e-4 &&
            boxIou(there.boxes.subarray(4 * k, 4 * k + 4), here.boxes.subarray(4 * i, 4 * i + 4))[0]! > 0.999,
        ),
    );
    expect(alike).toEqual(new Array(BEST).fill(true));
  });
});
