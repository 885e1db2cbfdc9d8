import { fromBuffer, liveTensors, nn, ops, optim, scope, setThreads, type Tensor, tensor } from "../index.js";
import { keep } from "../scope.js";

/**
 * Many steps of a small training: batch in, forward in a scope, backward, clipping, two optimizers, moving average; one macrotask each.
 * Prints resident memory and live tensors twenty times.
 *
 *     node --expose-gc training-loop.js STEPS [leak]
 */

export interface Sample {
  step: number;
  /** bytes */
  resident: number;
  liveTensors: number;
}

const leaked: unknown[] = [];

/** The last argument says what each step loses. */
const leaks: Record<string, () => void> = {
  nothing: () => {},
  tensor: () => leaked.push(keep(ops.ones([1000]))),
  array: () => leaked.push(new Float32Array(1000).fill(1)),
  graph: () => leaked.push(keep(scope(() => net.body.forward(ops.ones([1, 3, 8, 8]))))),
};

class Net extends nn.Module {
  body = new nn.Sequential([new nn.Conv2d(3, 8, 3, { padding: 1 }), new nn.BatchNorm2d(8), nn.relu(), nn.maxPool2d(2)]);
  head = new nn.Linear(8 * 4 * 4, 5);
  forward(images: Tensor): Tensor {
    return this.head.forward(this.body.forward(images).flatten({ startDim: 1 }));
  }
}

setThreads(1);
const net = new Net().to({ format: "channelsLast" });
const groups = () => [{ parameters: net.parameters().values() }];
const optimizers = [new optim.SGD(groups(), { learningRate: 1e-3, momentum: 0.9 }), new optim.AdamW(groups(), { learningRate: 1e-4 })];
const average = new optim.ExponentialMovingAverage(net, { decay: 0.99 });

function trainStep(step: number): void {
  const pixels = new Uint8Array(2 * 8 * 8 * 3).fill(step);
  using images = scope(() => fromBuffer(pixels, [2, 8, 8, 3]).permute([0, 3, 1, 2]).to("float32").div_(255));
  using labels = tensor([step % 5, 1], { dtype: "int64" });
  using loss = scope(() => ops.crossEntropyLoss(net.forward(images), labels));
  loss.backward();
  optim.clipGradNorm(net.parameters().values(), 1);
  for (const optimizer of optimizers) optimizer.step();
  average.update();
  net.zeroGrad();
}

async function run(steps: number, leak: () => void): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let step = 0; step < steps; step++) {
    trainStep(step);
    leak();
    await new Promise((resolve) => setImmediate(resolve));
    if (step % Math.ceil(steps / 20) !== 0) continue;
    globalThis.gc?.();
    samples.push({ step, resident: process.memoryUsage.rss(), liveTensors: liveTensors() });
  }
  return samples;
}

const [steps, leak = "nothing"] = process.argv.slice(2);
console.log(JSON.stringify(await run(Number(steps), leaks[leak]!)));
