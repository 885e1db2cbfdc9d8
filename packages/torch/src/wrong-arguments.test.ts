import { describe, expect, test } from "vitest";
import { runChild } from "./testing/index.js";

/** Runs JavaScript expressions in one process of their own; gives the name and message of what each throws. */
async function thrownBy(expressions: readonly string[]): Promise<string[]> {
  const { stdout, code, signal, stderr } = await runChild(`
    const { Tensor, autocast, fromBuffer, fromBytes, inferenceMode, nn, noGrad, ops, scope, setThreads, tensor, Generator } = torch;
    const { native } = await import(new URL("native.js", ${JSON.stringify(import.meta.url)}));
    const x = tensor([[1, 2], [3, 4]]);
    const indices = tensor([0, 5], { dtype: "int64" });
    const leaf = tensor([1, 2]);
    leaf.requiresGrad = true;
    const gone = tensor([1]);
    gone.dispose();
    const attempt = (run) => {
      try {
        return "nothing, it gave " + String(run());
      } catch (error) {
        return error instanceof Error ? error.name + ": " + error.message : "no Error: " + String(error);
      }
    };
    console.log(JSON.stringify([${expressions.map((expression) => `attempt(() => ${expression})`).join(",\n")}]));`);
  if (code !== 0) throw new Error(`the process ended with ${signal ?? code}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Messages as the user sees them, whole. Where versions of libtorch word it differently the two are listed. */
const messages: [expression: string, ...messages: string[]][] = [
  ["x.add('two')", "Error: aten::add.Scalar: argument 'other': a number was expected; got [2, 2]"],
  ["x.matmul(2)", "TypeError: aten::matmul: other must be a Tensor, not 2"],
  ["ops.relu6(1)", "TypeError: aten::relu6: self must be a Tensor, not 1"],
  ["x.maximum({ handle: x.handle })", "TypeError: aten::maximum: other must be a Tensor, not { handle: 16777216 }"],
  ["ops.conv2d(x)", "TypeError: aten::conv2d: weight must be a Tensor, not undefined"],
  ["x.add(gone)", "Error: aten::add: other: this tensor was disposed"],
  ["gone.relu()", "Error: aten::relu: argument 'self': this tensor was disposed"],
  ["x.to('float')", "Error: aten::to.dtype: argument 'dtype': 'float' is no dtype; got [2, 2]"],
  ["x.to('mean')", "Error: aten::to.dtype: argument 'dtype': 'mean' is no dtype; got [2, 2]"],
  ["x.contiguous({ memoryFormat: 'nhwc' })", "Error: aten::contiguous: argument 'memory_format': 'nhwc' is no memory format; got [2, 2]"],
  [
    "ops.mseLoss(x, x, { reduction: 'average' })",
    "Error: aten::mse_loss: argument 'reduction': 'average' is no reduction; got [2, 2] and [2, 2]",
  ],
  ["x.view([NaN])", "Error: aten::view: argument 'size': an integer was expected; got [2, 2]"],
  ["ops.zeros([1.5])", "Error: aten::zeros: argument 'size': an integer was expected"],
  ["x.softmax('rows')", "Error: aten::softmax.int: argument 'dim': an integer was expected; got [2, 2]"],
  [
    "x.mul(tensor([1, 2, 3]))",
    "Error: aten::mul.Tensor: the size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 1; got [2, 2] and [3]",
  ],
  ["x.matmul(ops.zeros([3, 2]))", "Error: aten::matmul: mat1 and mat2 shapes cannot be multiplied (2x2 and 3x2); got [2, 2] and [3, 2]"],
  ["x.indexSelect(0, indices)", "Error: aten::index_select: index out of range in self; got [2, 2] and [2] int64"],
  [
    "x.item()",
    "Error: aten::item: a Tensor with 4 elements cannot be converted to Scalar; got [2, 2]",
    "Error: aten::item: a Tensor with 2 elements cannot be converted to Scalar; got [2, 2]",
  ],
  ["x.backward()", "Error: backward: nothing that this tensor was computed from requires a gradient"],
  ["leaf.mul(2).backward()", "Error: backward: a tensor of more than one element needs a gradient to start from"],
  ["leaf.add_(1)", "Error: aten::add_.Scalar: a leaf Variable that requires grad is being used in an in-place operation; got [2]"],
  ["setThreads(0)", "Error: threads: a number from 1 to 1024 was expected"],
  [
    "new nn.Conv2d(3, 8, 3).forward(ops.zeros([1, 4, 9, 9]))",
    "Error: aten::conv2d: Given groups=1, weight of size [8, 3, 3, 3], expected input[1, 4, 9, 9] to have 3 channels, but got 4 channels instead; got [1, 4, 9, 9] and [8, 3, 3, 3]",
  ],
];

/** What must be refused, in whatever words. */
const refused = [
  "ops.cat(x)",
  "ops.cat([x, 3])",
  "ops.cat([x, null])",
  "ops.cat([])",
  "x.index([x])",
  "x.gather(1, x)",
  "x.gather(5, indices)",
  "x.reshape([2, 3])",
  "x.view(['2', 2])",
  "x.view([2n ** 70n])",
  "x.view([Symbol('s')])",
  "x.select(0, 9)",
  "x.narrow(0, 1, 5)",
  "x.expand([3, 3])",
  "x.permute([0, 0])",
  "x.permute([[0, 1]])",
  "x.asStrided([9, 9], [1, 1])",
  "x.asStrided([2], [1], { storageOffset: 1e15 })",
  "x.asStrided([2], [-1])",
  "x.scatter(0, tensor([[9, 9]], { dtype: 'int64' }), 1)",
  "x.indexPut_([indices], tensor([[1, 1]]))",
  "ops.crossEntropyLoss(x, indices)",
  "ops.nllLoss(x, indices)",
  "ops.zeros([2 ** 40, 2 ** 40])",
  "ops.empty([2 ** 62])",
  "ops.zeros([-1])",
  "ops.zeros('3')",
  "ops.zeros([{}])",
  "ops.zeros(new Proxy([2], { get() { throw new Error('trap'); } }))",
  "ops.arange(0, Infinity)",
  "ops.arange(0, 1e18)",
  "ops.linspace(0, 1, -5)",
  "ops.eye(2 ** 40)",
  "ops.conv2d(x, x)",
  "ops.conv2d(ops.zeros([1, 3, 4, 4]), ops.zeros([2, 3, 3, 3]), { stride: 0 })",
  "ops.conv2d(ops.zeros([1, 3, 4, 4]), ops.zeros([2, 3, 3, 3]), { groups: 0 })",
  "ops.conv2d(ops.zeros([1, 3, 4, 4]), ops.zeros([2, 3, 3, 3]), { dilation: -1 })",
  "ops.conv2d(ops.zeros([1, 3, 2, 2]), ops.zeros([2, 3, 5, 5]))",
  "ops.maxPool2d(ops.zeros([1, 1, 4, 4]), 0)",
  "ops.maxPool2d(ops.zeros([1, 1, 4, 4]), 2, { padding: 3 })",
  "ops.avgPool2d(ops.zeros([1, 1, 4, 4]), -1)",
  "ops.adaptiveAvgPool2d(ops.zeros([1, 1, 4, 4]), [-1, 2])",
  "ops.upsampleNearest2d(ops.zeros([1, 1, 2, 2]), [-3, 2])",
  "ops.batchNorm(x, null, null, null, null, false, 0.1, 1e-5, false)",
  "ops.batchNorm(ops.zeros([2, 3, 2, 2]), ops.zeros([4]), null, null, null, true, 0.1, 1e-5, false)",
  "ops.groupNorm(ops.zeros([2, 3, 2, 2]), 2)",
  "ops.groupNorm(ops.zeros([2, 3, 2, 2]), 0)",
  "x.to('int32').remainder(0)",
  "x.topk(9)",
  "x.split(-1)",
  "x.chunk(0)",
  "x.unbind({ dim: 7 })",
  "x.repeat([2 ** 40, 2 ** 40])",
  "x.bincount()",
  "x.where(x, x)",
  "x.maskedSelect(x)",
  "x.addcmul(x, gone)",
  "x.copy_(tensor([1, 2, 3]))",
  "x.expand([3, 2, 2]).view([12])",
  "x.to('complex64').lt(1)",
  "x.normal_({ std: -1 })",
  "x.uniform_({ from: 1, to: 0 })",
  "x.flip([0, 0])",
  "x.sort({ dim: 3 })",
  "x.cumsum(4)",
  "Tensor.prototype.relu.call({})",
  "Tensor.prototype.relu.call({ handle: 5 })",
  "Tensor.prototype.relu.call({ handle: '16777216' })",
  "Tensor.prototype.relu.call(null)",
  "new Tensor('x').relu()",
  "new Tensor(2 ** 60).relu()",
  "new Tensor(-1).shape",
  "new Tensor(NaN).toTypedArray()",
  "leaf.backward({ gradient: x })",
  "leaf.sum().backward({ gradient: gone })",
  "leaf.grad = x",
  "indices.requiresGrad = true",
  "leaf.mul(2).requiresGrad = false",
  "ops.foreachAdd_([x, x], [x])",
  "ops.foreachAdd_([], [])",
  "ops.pad(x, [1])",
  "ops.pad(x, [1, 1], { mode: 'mirror' })",
  "ops.randperm(-1, null)",
  "ops.randint(3, 3, [2], null)",
  "ops.full([2], 'x')",
  "ops.full([2], undefined)",
  "ops.zeros([2], { device: 'cuda' })",
  "ops.zeros([2], { device: 'nowhere' })",
  "fromBuffer([1, 2, 3])",
  "fromBuffer('abc', [3], { dtype: 'uint8' })",
  "fromBuffer(new Float32Array(4), [5])",
  "fromBuffer(new Float32Array(4), [2 ** 40, 2 ** 40])",
  "fromBuffer(new Float32Array(4), [-1])",
  "fromBuffer(new Float32Array(4), [0.5])",
  "fromBuffer(new Float32Array(4), [4], { dtype: 'float64' })",
  "fromBuffer(new Float32Array(4), [4], { dtype: 'string' })",
  "fromBuffer(new DataView(new ArrayBuffer(8)), [2], { dtype: 'float32' })",
  "fromBuffer(new BigUint64Array(1))",
  "fromBytes(new Uint8Array(3), 'int64', [1])",
  "tensor([1, [2]])",
  "tensor({})",
  "autocast({ dtype: 'float32' }, () => 1)",
  "native.call()",
  "native.call(-1)",
  "native.call(1e9, x.handle)",
  "native.call('relu')",
  "native.call(0, ...new Array(40).fill(1))",
  "native.call(0, x.handle, x.handle, 1, 2, 3, 4)",
  "native.call(native.op('aten::no_such_operator', ''), x.handle)",
  "native.op(1, 2)",
  "native.op('aten::quantize_per_tensor', 'no_such_overload') < 0 && native.schema(-1)",
  "native.releaseAll([1, 2], 2)",
  "native.releaseAll(new Float64Array(2), 3)",
  "native.releaseAll(new Float64Array(2), -1)",
  "native.copyOut(x.handle, new Float32Array(3))",
  "native.generatorState(99)",
  "native.seed(0, 2n ** 70n)",
  "native.exitInferenceMode()",
  "native.exitAutocast()",
  "native.setThreads(1e9)",
];

describe("a wrong argument raises an error that says what is wrong", () => {
  test("messages, whole", async () => {
    const thrown = await thrownBy(messages.map(([expression]) => expression));
    for (const [i, [expression, ...expected]] of messages.entries()) expect(expected, expression).toContain(thrown[i]);
  });

  test("more memory than there is", async () => {
    const [thrown] = await thrownBy(["ops.zeros([1e13])"]);
    expect(thrown).toMatch(
      /^Error: aten::zeros: (can't allocate memory: you tried to allocate 40000000000000 bytes|out of memory: \d+ (bytes|MiB) more are not to be had)/,
    );
  });

  test("everything else that is wrong", async () => {
    const thrown = await thrownBy(refused);
    for (const [i, expression] of refused.entries()) {
      expect(thrown[i], expression).toMatch(/^(Range|Type)?Error: ./);
      expect(thrown[i], expression).not.toMatch(/\n|Exception raised|frame #/);
    }
  });
});
