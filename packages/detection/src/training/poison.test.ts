import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { noGrad, ops, optim, scope, type Tensor } from "@singleshot/torch";
import { inspectFile } from "@singleshot/torch/inspect";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Detector, type Raw } from "../detectors/index.js";
import { type TinyRuns, tinyRunRecipe, tinyRuns } from "../testing/tiny-run.js";
import { replay } from "./index.js";

const STEP = 5; // of the second epoch of three steps: the run has saved once, and has a best

let runs: TinyRuns;
beforeAll(async () => {
  runs = await tinyRuns();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => runs.remove());

/** Does something at the call of the given number, in training, counted from 1. */
function atCall<Target extends object, Name extends keyof Target>(
  target: Target,
  name: Name,
  number: number,
  poison: (result: never) => unknown,
) {
  const original = target[name] as (...args: unknown[]) => unknown;
  let calls = 0;
  vi.spyOn(target, name as never).mockImplementation(function (this: { training?: boolean }, ...args: unknown[]) {
    const result = original.apply(this, args);
    if (this.training === false || ++calls !== number) return result;
    return poison.call(this, result as never) ?? result;
  } as never);
}

const filled = (value: number) => (tensor: Tensor) => noGrad(() => tensor.select(0, 0).fill_(value));

/** Behind the update before: what the step finds. */
function poisonState(key: (model: Detector) => Tensor, value: number): void {
  atCall(Detector.prototype, "zeroGrad", STEP - 1, function (this: Detector) {
    filled(value)(key(this));
  } as never);
}
const state = (name: string) => (model: Detector) => model.stateDict().get(name)!;

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const loss = (part: "classification" | "regression", value: number) => () =>
  atCall(Detector.prototype, "lossAgainst", STEP, (losses: Record<string, Tensor>) => ({ ...losses, [part]: losses[part]!.mul(value) }));
const answers = (part: "logits" | "deltas", value: number) => () =>
  atCall(Detector.prototype, "answer", STEP, (raw: Raw) => ({ ...raw, [part]: scope(() => raw[part].add(ops.full([], value))) }));
const gradient = (value: number) => () =>
  atCall(Detector.prototype, "answer", STEP, function (this: Detector) {
    const [, parameter] = [...this.parameters()][3]!;
    parameter.grad = ops.fullLike(parameter, value);
  } as never);

const conv = "backbone.features.0.0.0.weight";
const norm = "backbone.features.0.0.1";
const head = "head.classification_head.module_list.0.1";

/** Where a number goes wrong, how it gets there, and what is said of it. */
const places: [where: string, poison: () => void, message: RegExp][] = [
  ["the first convolution: NaN", () => poisonState(state(conv), nan), /the loss is not finite .+: the weights \S+ are not, on picture-/],
  ["the first convolution: infinity", () => poisonState(state(conv), infinity), /the weights backbone\.features\.0\.0\.0\.weight are not/],
  ["batch norm's weight", () => poisonState(state(`${norm}.weight`), nan), /the weights backbone\.features\.0\.0\.1\.weight are not/],
  ["batch norm's bias", () => poisonState(state(`${norm}.bias`), infinity), /the weights backbone\.features\.0\.0\.1\.bias are not/],
  ["batch norm's mean", () => poisonState(state(`${norm}.running_mean`), nan), /^after step 6 .+running_mean is not finite\./],
  ["batch norm's variance", () => poisonState(state(`${norm}.running_var`), infinity), /^after step 6 .+running_var is not finite\./],
  ["the class head's weight", () => poisonState(state(`${head}.weight`), nan), /the weights head\.classification_head\S+ are not/],
  ["the class head's bias", () => poisonState(state(`${head}.bias`), infinity), /\(classification NaN, regression [\d.]+\)/],
  ["the pictures", () => atCall(Detector.prototype, "normalize", STEP, (images: Tensor) => images.mul(nan)), /the loss is not finite/],
  [
    "one picture",
    () => atCall(Detector.prototype, "normalize", STEP, (images: Tensor) => void filled(infinity)(images)),
    /the loss is not finite/,
  ],
  ["the logits: NaN", answers("logits", nan), /\(classification NaN, regression [\d.]+\)/],
  ["the logits: infinity", answers("logits", infinity), /\(classification NaN, regression [\d.]+\)/],
  ["the deltas: NaN", answers("deltas", nan), /\(classification [\d.]+, regression NaN\)/],
  ["the deltas: infinity", answers("deltas", -infinity), /\(classification [\d.]+, regression Infinity\)/],
  ["the class loss", loss("classification", nan), /\(classification NaN, regression [\d.]+\)/],
  ["the box loss", loss("regression", infinity), /\(classification [\d.]+, regression Infinity\)/],
  ["a gradient: NaN", gradient(nan), /the gradient of \S+ is not finite, on picture-/],
  ["a gradient: infinity", gradient(infinity), /the gradient of \S+ is not finite, on picture-/],
  [
    "the optimizer's average",
    () =>
      atCall(optim.AdamW.prototype, "step", STEP - 1, function (this: optim.Optimizer) {
        const [[, average]] = [...this.tensors()] as [[string, Tensor]];
        filled(nan)(average);
      } as never),
    /^step 6 of epoch 2: the loss is not finite .+: the weights \S+ are not/, // step 5 has moved them
  ],
  [
    "the moving average of the weights",
    () =>
      atCall(optim.ExponentialMovingAverage.prototype, "update", STEP - 1, function (this: optim.ExponentialMovingAverage) {
        filled(nan)(this.stateDict().get(conv)!);
      } as never),
    /^after step 6 the moving average of backbone\.features\.0\.0\.0\.weight is not finite\./,
  ],
];

describe("a number that is not finite stops the run at its step, is named, and gets into no checkpoint", () => {
  const recipe = tinyRunRecipe({ data: { batchSize: 1 }, schedule: { name: "constant", epochs: 3 }, training: { emaDecay: 0.9 } });
  const digests = (name: string, file: string) => inspectFile(join(runs.folder, name, "checkpoints", `${file}.pth`), { digests: true });
  let good: unknown;
  beforeAll(async () => {
    const abort = new AbortController();
    const epochEnded = () => abort.abort();
    await runs.train("good", { recipe, pictures: 3, signal: abort.signal, observers: [{ epochEnded }] });
    good = [digests("good", "last"), digests("good", "best")];
  });

  test.each(places)("in %s", async (where, poison, message) => {
    poison();
    const name = where.replace(/\W+/g, "-");
    const run = runs.train(name, { recipe, pictures: 3 });
    await expect(run).rejects.toThrow(expect.objectContaining({ name: "InputError", message: expect.stringMatching(message) }));
    expect([digests(name, "last"), digests(name, "best")]).toEqual(good);
    vi.restoreAllMocks();
    const replays = join(runs.folder, name, "replay");
    if (!existsSync(replays)) return expect(message.source).toContain("after step");
    const step = message.source.includes("step 6") ? 6 : STEP;
    expect(readdirSync(replays)).toEqual([`step-${step}.pth`]);
    expect(replay(join(replays, `step-${step}.pth`))).toMatchObject({ epoch: 2, step, pictures: [{ boxes: 1 }] });
  });
});
