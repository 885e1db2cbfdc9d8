import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { fromBuffer, liveTensors, noGrad, ops, scope, tensor } from "./index.js";

/** Runs a module body in a worker thread, where `torch` is this package and `input` what is given; gives what it returns. */
async function inWorker<T>(body: string, input?: unknown): Promise<T> {
  const source = `
    const { parentPort, workerData } = await import("node:worker_threads");
    const torch = await import(${JSON.stringify(new URL("./index.js", import.meta.url).href)});
    const run = new Function("torch", "input", ${JSON.stringify(body)});
    parentPort.postMessage(run(torch, workerData));`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { workerData: input });
  try {
    return await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  } finally {
    await worker.terminate();
  }
}

test("a worker computes forward and backward, with tensors of its own", async () => {
  using mine = ops.ones([2]);
  const before = liveTensors();
  const theirs = await inWorker<{ gradient: number[]; live: number[] }>(`
    const { scope, tensor, liveTensors } = torch;
    const before = liveTensors();
    const gradient = scope(() => {
      const x = tensor([1, 2, 3]);
      x.requiresGrad = true;
      x.mul(x).sum().backward();
      return [...x.grad.toTypedArray()];
    });
    return { gradient, live: [before, liveTensors()] };`);
  expect(theirs).toEqual({ gradient: [2, 4, 6], live: [0, 0] });
  expect(liveTensors()).toBe(before);
  expect(mine.sum().item()).toBe(2);
});

test("memory goes both ways through a SharedArrayBuffer, without a copy", async () => {
  const shared = new SharedArrayBuffer(4 * 6);
  using mine = fromBuffer(new Float32Array(shared), [2, 3]);
  mine.fill_(1);
  const sum = await inWorker<number>(
    `const x = torch.fromBuffer(new Float32Array(input), [2, 3]);
     const sum = x.sum().item();
     x.mul_(torch.tensor([1, 2, 3]));
     return sum;`,
    shared,
  );
  expect(sum).toBe(6);
  expect([...mine.toTypedArray()]).toEqual([1, 2, 3, 1, 2, 3]);
});

test("a mode belongs to its thread", async () => {
  const recording = `const x = torch.ops.ones([1]); x.requiresGrad = true; return [x.mul(2).requiresGrad, torch.isAutocasting()];`;
  const answer = noGrad(() => inWorkerOutsideOfTheMode(recording));
  expect(await answer.started).toEqual([true, false]);
});

/** The worker starts while the main thread's mode is on; the promise may not be the body's result. */
const inWorkerOutsideOfTheMode = (body: string) => ({ started: inWorker<boolean[]>(body) });

test("an error in a worker is an error there, and the engine goes on", async () => {
  const message = await inWorker<string>(`
    try {
      torch.ops.ones([2, 3]).matmul(torch.ops.ones([2, 3]));
    } catch (error) {
      return error.message;
    }`);
  expect(message).toBe("aten::matmul: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3); got [2, 3] and [2, 3]");
  expect(scope(() => tensor([1, 2]).sum().item())).toBe(3);
});

test("workers at work at the same time do not disturb each other, also when they end with tensors alive", async () => {
  const body = `
    const { ops, scope, tensor } = torch;
    const kept = ops.full([1000], input, { dtype: "float32" });
    for (let i = 0; i < 300; i++) scope(() => {
      const x = tensor([1, 2, 3, 4]);
      x.requiresGrad = true;
      x.mul(input).exp().log().sum().backward();
      if (Math.abs(x.grad.sum().item() - 4 * input) > 1e-3) throw new Error("wrong gradient");
    });
    torch.fromBuffer(new Float32Array(1000)); // lent, never given back
    return kept.sum().item();`;
  expect(await Promise.all([1, 2, 3].map((k) => inWorker<number>(body, k)))).toEqual([1000, 2000, 3000]);
});
