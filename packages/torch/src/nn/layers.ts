import { autocast, isAutocasting } from "../autograd.js";
import type { ProcessGroup } from "../distributed/index.js";
import { native } from "../native.js";
import * as ops from "../ops.generated.js";
import { Tensor } from "../ops.generated.js";
import { libtorchMajor } from "../runtime.js";
import { handleOf } from "../tensor-base.js";
import { kaimingUniform_, uniformBias_ } from "./init.js";
import { Buffer, Layer, type Module, Parameter } from "./module.js";

type Pair = number | readonly [number, number];
const pair = (value: Pair): [number, number] => (typeof value === "number" ? [value, value] : [...value]);

export interface Conv2dOptions {
  stride?: Pair;
  padding?: Pair;
  dilation?: Pair;
  groups?: number;
  bias?: boolean;
}

/** [N, in, H, W] → [N, out, H', W']. Starts as PyTorch's: Kaiming uniform with a = √5. */
export class Conv2d extends Layer {
  readonly weight: Parameter;
  readonly bias?: Parameter;
  readonly #options;

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernel: Pair,
    { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true }: Conv2dOptions = {},
  ) {
    super();
    const shape = [outChannels, inChannels / groups, ...pair(kernel)];
    this.weight = new Parameter(kaimingUniform_(ops.empty(shape), { a: Math.sqrt(5) }));
    if (bias) this.bias = new Parameter(uniformBias_(ops.empty([outChannels]), shape));
    this.#options = { stride: pair(stride), padding: pair(padding), dilation: pair(dilation), groups };
  }

  forward(input: Tensor): Tensor {
    const convolve = (map: Tensor) => ops.conv2d(map, this.weight, { bias: this.bias, ...this.#options });
    if (!isAutocasting() || !isNarrow(input, this.#options) || input.device !== "cpu") return convolve(input);
    return autocast({ enabled: false }, () => convolve(input.to("float32")).to(input.dtype));
  }
}

/**
 * Is the map narrower than the stride? In 16 bits oneDNN (2.6 and 3 have been seen) then never writes the gradients of weights that meet
 * nothing but padding: they are what was in memory before.
 */
const isNarrow = ({ shape }: Tensor, { stride }: { stride: [number, number] }) => shape.at(-1)! < stride[1];

export type Activation = "none" | "relu" | "relu6" | "hardswish";

export interface BatchNormOptions {
  eps?: number;
  /** PyTorch's convention: new = (1 - momentum) · old + momentum · batch. */
  momentum?: number;
  /** What follows; in one pass with the normalisation it costs nothing. */
  activation?: Activation;
}

const batchNormActivation = native.op("singleshot::batch_norm_activation", "");

/**
 * [N, C, H, W] → the same, each channel normalised over the batch (training) or by its running statistics, then activated.
 * A batch with one value a channel is normalised by the running statistics, where PyTorch refuses it: so a picture alone trains.
 * @see Ioffe & Szegedy 2015 (arXiv:1502.03167)
 */
export class BatchNorm2d extends Layer {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly runningMean: Buffer;
  readonly runningVar: Buffer;
  readonly numBatchesTracked: Buffer;
  readonly eps: number;
  readonly momentum: number;
  readonly activation: Activation;
  /** While training the batch is that of all its ranks together. A collective of the forward pass and one of backward. */
  group: ProcessGroup | undefined;

  constructor(
    readonly channels: number,
    { eps = 1e-5, momentum = 0.1, activation = "none" }: BatchNormOptions = {},
  ) {
    super();
    this.weight = new Parameter(ops.ones([channels]));
    this.bias = new Parameter(ops.zeros([channels]));
    this.runningMean = new Buffer(ops.zeros([channels]));
    this.runningVar = new Buffer(ops.ones([channels]));
    this.numBatchesTracked = new Buffer(ops.zeros([], { dtype: "int64" }));
    this.eps = eps;
    this.momentum = momentum;
    this.activation = activation;
  }

  /** Files from before PyTorch counted batches have none. */
  protected override get dispensable(): readonly string[] {
    return ["num_batches_tracked"];
  }

  forward(input: Tensor): Tensor {
    if (this.training) this.numBatchesTracked.add_(1);
    return normalized(input, this);
  }
}

/** What batch norm reads of a layer. */
interface Normalizer extends Required<BatchNormOptions> {
  group?: ProcessGroup | undefined;
  weight: Tensor;
  bias: Tensor;
  runningMean: Tensor;
  runningVar: Tensor;
  training: boolean;
}

const ALONE = -1;

function normalized(input: Tensor, { weight, bias, runningMean, runningVar, group, ...options }: Normalizer): Tensor {
  const { training, momentum, eps, activation } = options;
  const state = [weight, bias, runningMean, runningVar].map(({ handle }) => handle);
  const arguments_ = [training, momentum, eps, activation, group?.number ?? ALONE];
  return new Tensor(native.call(batchNormActivation, handleOf(input, "batchNorm: input"), ...state, ...arguments_));
}

/** Gives every batch norm of a module the statistics of all ranks of a group: training is as if one process had all pictures. */
export function synchronizeBatchNorm(module: Module, group: ProcessGroup): void {
  for (const [, part] of module.modules()) if (part instanceof BatchNorm2d) part.group = group;
}

/**
 * Batch norm of which nothing changes, neither statistics nor weight and bias: y = act((x - mean) / √(var + eps) · weight + bias).
 * A state dict of an ordinary batch norm fits; its counter of batches is left out.
 */
export class FrozenBatchNorm2d extends Layer {
  readonly weight: Buffer;
  readonly bias: Buffer;
  readonly runningMean: Buffer;
  readonly runningVar: Buffer;
  /** torchvision sets 0 after loading its COCO weights. */
  eps: number;
  readonly activation: Activation;

  constructor(
    readonly channels: number,
    { eps = 1e-5, activation = "none" }: Omit<BatchNormOptions, "momentum"> = {},
  ) {
    super();
    this.weight = new Buffer(ops.ones([channels]));
    this.bias = new Buffer(ops.zeros([channels]));
    this.runningMean = new Buffer(ops.zeros([channels]));
    this.runningVar = new Buffer(ops.ones([channels]));
    this.eps = eps;
    this.activation = activation;
  }

  protected override get superfluous(): readonly string[] {
    return ["num_batches_tracked"];
  }

  forward(input: Tensor): Tensor {
    const { weight, bias, runningMean, runningVar, eps, activation } = this;
    return normalized(input, { weight, bias, runningMean, runningVar, eps, activation, training: false, momentum: 0 });
  }
}

/** Under bf16 libtorch 1.13 has no group norm whose weights are float32. */
const groupNormWithoutMixture = libtorchMajor() < 2;

/** [N, C, …] → the same, normalised over groups of channels within each image. */
export class GroupNorm extends Layer {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(
    readonly groups: number,
    channels: number,
    readonly eps = 1e-5,
  ) {
    super();
    this.weight = new Parameter(ops.ones([channels]));
    this.bias = new Parameter(ops.zeros([channels]));
  }

  forward(input: Tensor): Tensor {
    const apart = groupNormWithoutMixture && input.dtype === "bfloat16"; // weights are float32
    return ops.groupNorm(apart ? input.to("float32") : input, this.groups, { weight: this.weight, bias: this.bias, eps: this.eps });
  }
}

/** Whether a module normalises: weight and bias of such are no filters. */
export const isNorm = (module: Module): boolean =>
  module instanceof BatchNorm2d || module instanceof FrozenBatchNorm2d || module instanceof GroupNorm;

/** [..., in] → [..., out]. */
export class Linear extends Layer {
  readonly weight: Parameter;
  readonly bias?: Parameter;

  constructor(inFeatures: number, outFeatures: number, { bias = true }: { bias?: boolean } = {}) {
    super();
    const shape = [outFeatures, inFeatures];
    this.weight = new Parameter(kaimingUniform_(ops.empty(shape), { a: Math.sqrt(5) }));
    if (bias) this.bias = new Parameter(uniformBias_(ops.empty([outFeatures]), shape));
  }

  forward(input: Tensor): Tensor {
    return ops.linear(input, this.weight, { bias: this.bias });
  }
}

/** A layer without state from a function, so that it can stand in a Sequential. */
class Stateless extends Layer {
  constructor(readonly apply: (input: Tensor) => Tensor) {
    super();
  }
  forward(input: Tensor): Tensor {
    return this.apply(input);
  }
}
export const layer = (apply: (input: Tensor) => Tensor): Layer => new Stateless(apply);

/** Under bf16 libtorch 1.13 has no backward of hardtanh; there min(relu(x), 6) stands in, whose gradient differs at exactly 6 only. */
const relu6WithoutHardtanh = libtorchMajor() < 2;

export const relu = (): Layer => layer((x) => x.relu());
export const relu6 = (): Layer => layer((x) => (relu6WithoutHardtanh && isAutocasting() ? x.relu().clampMax(6) : ops.relu6(x)));
export const hardswish = (): Layer => layer((x) => x.hardswish());
export const hardsigmoid = (): Layer => layer((x) => x.hardsigmoid());
export const silu = (): Layer => layer((x) => x.silu());
export const identity = (): Layer => layer((x) => x);

export interface PoolOptions {
  stride?: Pair;
  padding?: Pair;
  ceilMode?: boolean;
}
export const maxPool2d = (kernel: Pair, { stride = kernel, padding = 0, ceilMode = false }: PoolOptions = {}): Layer =>
  layer((x) => ops.maxPool2d(x, pair(kernel), { stride: pair(stride), padding: pair(padding), ceilMode }));
export const avgPool2d = (kernel: Pair, { stride = kernel, padding = 0, ceilMode = false }: PoolOptions = {}): Layer =>
  layer((x) => ops.avgPool2d(x, pair(kernel), { stride: pair(stride), padding: pair(padding), ceilMode }));
export const adaptiveAvgPool2d = (size: Pair): Layer => layer((x) => ops.adaptiveAvgPool2d(x, pair(size)));

/** Zeroes a share `p` of the elements while training. */
export class Dropout extends Layer {
  constructor(readonly p = 0.5) {
    super();
  }
  forward(input: Tensor): Tensor {
    return this.training ? ops.dropout(input, this.p, true) : input;
  }
}
