import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultGenerator, nn, noGrad, ops, recordTape, scope, type Tensor } from "@singleshot/torch";
import { Tensor as Given, InferenceSession } from "onnxruntime-node";
import { afterAll, expect, test } from "vitest";
import { largestDifference } from "../difference.js";
import { writeOnnx } from "../export-onnx.js";
import { GraphBuilder } from "./graph-builder.js";
import { translate } from "./translation.js";

const folder = mkdtempSync(join(tmpdir(), "singleshot-operators-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SHAPE = [2, 4, 9, 7];
const random = (shape: number[]) => ops.randn(shape, defaultGenerator);

function batchNorm(activation: nn.Activation): nn.BatchNorm2d {
  const layer = new nn.BatchNorm2d(4, { activation });
  layer.runningMean.copy_(random([4]));
  layer.runningVar.uniform_({ from: 0.5, to: 2 });
  return layer.eval();
}

/** What is computed of x [2, 4, 9, 7]; together they use every translator. */
const computations: Record<string, () => (x: Tensor) => Tensor> = {
  "a convolution": () => sequence(new nn.Conv2d(4, 6, [3, 1], { stride: 2, padding: [1, 0], groups: 2, dilation: [2, 1] })),
  "a convolution without bias, and batch norm": () => sequence(new nn.Conv2d(4, 4, 3, { bias: false }), batchNorm("hardswish")),
  "a convolution with bias, and batch norm": () => sequence(new nn.Conv2d(4, 4, 1), batchNorm("none")),
  "a convolution that two read": () => {
    const [conv, norm] = [new nn.Conv2d(4, 4, 1), batchNorm("relu")];
    return (x) => {
      const map = conv.forward(x);
      return norm.forward(map).add(map);
    };
  },
  "batch norm alone": () => sequence(batchNorm("relu6")),
  "group norm": () => sequence(new nn.GroupNorm(2, 4)),
  activations: () => (x) => ops.cat([x.relu(), ops.relu6(x.mul(5)), x.hardswish(), x.hardsigmoid(), x.sigmoid()], { dim: 1 }),
  "arithmetic with numbers and tensors": () => (x) => x.mul(0.5).add(x).sub(1).div(x.square().add(2).sqrt()).add_(x).exp(),
  limits: () => (x) => x.clampMin(-0.5).clampMax(0.25),
  softmax: () => (x) => x.softmax(-1),
  "sums and norms": () => (x) =>
    x
      .sum([1], { keepdim: true })
      .add(x.norm(2, 1, { keepdim: true }))
      .add(x.mean([2, 3], { keepdim: true })),
  "a mean over some axes": () => (x) => x.mean([1]),
  "max pooling": () => sequence(nn.maxPool2d(3, { stride: 2, padding: 1 })),
  "max pooling that rounds up": () => sequence(nn.maxPool2d(2, { ceilMode: true })),
  "average pooling": () => sequence(nn.avgPool2d(2)),
  "twice as large, nearest": () => (x) => ops.upsampleNearest2d(x, [18, 14]),
  "another size, nearest": () => (x) => ops.upsampleNearest2d(x, [13, 10]),
  "another size, bilinear": () => (x) => ops.upsampleBilinear2d(x, [17, 11], false),
  "another size, bilinear, corner to corner": () => (x) => ops.upsampleBilinear2d(x, [17, 13], true),
  "lists of tensors": () => (x) => {
    const [left, right] = x.chunk(2, { dim: 1 });
    const [first, second] = ops.stack([left!, right!], { dim: 4 }).unbind({ dim: -1 });
    return ops.cat([second!, first!], { dim: -1 });
  },
  shapes: () => (x) =>
    x.permute([0, 2, 3, 1]).contiguous().flatten({ startDim: 1, endDim: 2 }).reshape([2, -1, 2]).view([-1, 126]).to("float32"),
};

const sequence = (...layers: nn.Layer[]) => {
  const whole = new nn.Sequential(layers).eval();
  return (x: Tensor) => whole.forward(x);
};

test.each([11, 13, 18, 21])(
  "in opset %i every operator computes what it computes in libtorch, whatever the number of pictures",
  async (opset) => {
    defaultGenerator.seed(3);
    const graph = new GraphBuilder(opset);
    graph.input("x", "float32", ["N", ...SHAPE.slice(1)]);
    const x = random(SHAPE);
    const wanted = new Map<string, Tensor>();
    noGrad(() => {
      for (const [name, make] of Object.entries(computations)) {
        const compute = scope(make);
        scope(() => {
          const one = x.narrow(0, 0, 1);
          const [output] = translate(
            graph,
            recordTape([one], () => [compute(one)]),
            ["x"],
          );
          graph.output(name, output!, "float32", []);
        });
        wanted.set(name, compute(x));
      }
    });
    const file = join(folder, `${opset}.onnx`);
    const irVersion = opset < 18 ? 7 : 10;
    writeOnnx(file, { irVersion, opset, producer: "", producerVersion: "", metadata: new Map(), graph: graph.build("all") });
    const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
    const found = await session.run({ x: new Given("float32", x.toTypedArray(), SHAPE) });
    const differences = [...wanted].map(([name, tensor]) => [
      name,
      largestDifference(found[name]!.data as Float32Array, tensor.toTypedArray()),
    ]);
    expect(differences.filter(([, difference]) => !((difference as number) < 3e-6))).toEqual([]);
    await session.release();
  },
);
