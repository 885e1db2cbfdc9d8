import { type Device, defaultGenerator, noGrad, ops, optim, scope, type Tensor, tensor } from "@singleshot/torch";
import { batchSize, evaluationInput, InputError, type InputOptions, type Size } from "@singleshot/vision";
import { disposeAll } from "../checkpoints/index.js";
import { createDetector, type Detector } from "../detectors/index.js";
import type { Recipe } from "../recipes/index.js";
import { randomState, restoreRandomState, seedRandom } from "./random-state.js";
import { answer, forward, type TrainingBatch } from "./train-step.js";

type Precision = Exclude<Recipe["training"]["precision"], "auto">;

/** How a precision compares with float32 on a device of this machine. */
export interface PrecisionCheck {
  /** Losses in both. */
  loss: number;
  float32Loss: number;
  /** The cosine between what the network answers in both. */
  answersCosine: number;
  /** Of the gradients of all parameters, against float32, in the pass where it was largest: kernels have been seen that fail now and then. */
  gradientNormRatio: number;
  /** Of forward and backward pass, against float32. */
  speedup: number;
}

/** Deep random networks magnify the rounding (0.91 has been seen); an operator that is wrong makes it nothing. */
const ALIKE = 0.8;
const PICTURES = 4;
const ROUNDS = 2;

/**
 * The precision that a run computes in: 16-bit floats only where they give the right losses and gradients here, and, if the recipe leaves
 * the choice, only where they are faster. The random streams stay where they were.
 *
 * @throws InputError where this libtorch has no kernels for the type
 */
export function choosePrecision({ training, detector }: Recipe, device: Device, warned: (message: string) => void): Precision {
  const { precision } = training;
  if (precision === "float32") return precision;
  if (precision === "auto") return fastestPrecision(device, (candidate) => checkedIfPossible(detector, candidate, device), warned);
  const check = checkPrecision(detector, precision, device);
  if (!isRight(check)) {
    warned(`${precision} is not right on this machine (${numbers(check)}): training in float32`);
    return "float32";
  }
  if (check.speedup < 1)
    warned(`${precision} is slower than float32 on this machine: ${numbers(check)}. training.precision=auto takes the faster one`);
  return precision;
}

/** In the order in which they are tried: bfloat16 needs no gradient scaler. GPUs before Ampere (V100, T4) are fast in float16 alone. */
const candidatesOn = (device: Device): Precision[] => (device.startsWith("cuda") ? ["bfloat16", "float16"] : ["bfloat16"]);

/**
 * The first of the types that a device is tried in which is right there and faster than float32, or else float32.
 * @param check undefined where this libtorch has no kernels for the type
 */
export function fastestPrecision(
  device: Device,
  check: (candidate: Precision) => PrecisionCheck | undefined,
  warned: (message: string) => void,
): Precision {
  for (const candidate of candidatesOn(device)) {
    const found = check(candidate);
    if (found && !isRight(found)) warned(`${candidate} is not right on this machine (${numbers(found)}): it is left alone`);
    else if (found && found.speedup >= 1) return candidate;
  }
  return "float32";
}

/** Undefined where this libtorch has no kernels for the type. */
function checkedIfPossible(...given: Parameters<typeof checkPrecision>): PrecisionCheck | undefined {
  try {
    return checkPrecision(...given);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Which anchors are hard negatives changes with the last digit, and with them the direction of gradients, but not their size. */
const isRight = ({ loss, float32Loss, answersCosine, gradientNormRatio }: PrecisionCheck) =>
  Math.abs(loss - float32Loss) <= 0.05 * Math.abs(float32Loss) &&
  answersCosine >= ALIKE &&
  gradientNormRatio >= 0.5 &&
  gradientNormRatio <= 2;

const numbers = ({ loss, float32Loss, answersCosine, gradientNormRatio, speedup }: PrecisionCheck) =>
  `loss ${loss.toFixed(4)} against ${float32Loss.toFixed(4)}, answers ${answersCosine.toFixed(3)} alike, gradients ${gradientNormRatio.toFixed(2)} times as large, ${speedup.toFixed(2)} times as fast`;

/** Forward and backward passes of a fresh detector on pictures of noise. */
export function checkPrecision(options: Recipe["detector"], precision: Precision, device: Device = "cpu"): PrecisionCheck {
  const before = randomState(device);
  const detector = createDetector(options, ["object"]).train().to({ device });
  const batch = noise(options.input);
  try {
    const float32 = measured(detector, batch, "float32");
    const other = measured(detector, batch, precision);
    const answersCosine = cosine(float32.answers, other.answers);
    for (const answers of [float32.answers, other.answers]) answers.dispose();
    return {
      loss: other.loss,
      float32Loss: float32.loss,
      answersCosine,
      gradientNormRatio: other.gradientNorm / float32.gradientNorm,
      speedup: float32.durationMs / other.durationMs,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_OUT_OF_MEMORY") throw error;
    const reason = (error as Error).message.split("\n")[0];
    throw new InputError(`training.precision: libtorch does not compute this network in ${precision} here (${reason})`, {
      fix: "use bfloat16, float32 or auto",
    });
  } finally {
    for (const value of Object.values(batch)) (value as Tensor).dispose();
    detector.dispose();
    restoreRandomState(before, device);
    disposeAll(before);
  }
}

function noise(input: InputOptions): TrainingBatch {
  const { width, height } = sizeOf(input);
  const N = PICTURES;
  const box = [0.2 * width, 0.3 * height, 0.7 * width, 0.8 * height];
  return {
    images: scope(() => ops.rand([N, height, width, 3], defaultGenerator.seed(1)).mul(255).to("uint8").permute([0, 3, 1, 2])),
    boxes: tensor(Array.from({ length: N }, () => [box])),
    labels: ops.ones([N, 1], { dtype: "int64" }),
    counts: ops.ones([N], { dtype: "int64" }),
  };
}

const SQUARE = [{ width: 320, height: 320 }]; // of inputs whose size follows the picture
const sizeOf = (input: InputOptions): Size => batchSize(evaluationInput(input), SQUARE);

const FLOAT16_SCALE = 1024; // of the loss, as the gradient scaler has it in training: small gradients would vanish

function measured(detector: Detector, batch: TrainingBatch, precision: Precision) {
  const scale = precision === "float16" ? FLOAT16_SCALE : 1;
  const pass = () => {
    detector.zeroGrad();
    seedRandom(detector.device, 2); // the same dropout
    return scope(() => {
      const { total } = forward(detector, batch, precision);
      total.mul(scale).backward();
      return total.item();
    });
  };
  const norm = () => optim.gradNorm(detector.parameters().values()) / scale;
  const loss = pass(); // warms up, too
  const norms = [norm()];
  const durations = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    pass();
    const duration = performance.now() - start;
    norms.push(norm());
    return duration;
  });
  const answers = scope(() => noGrad(() => answersOf(detector, batch, precision)));
  return { loss, gradientNorm: Math.max(...norms), answers, durationMs: Math.min(...durations) };
}

/** All of the network's answers in a row. */
function answersOf(detector: Detector, batch: TrainingBatch, precision: Precision): Tensor {
  const { logits, deltas } = answer(detector, batch, precision);
  return ops.cat([logits, deltas].map((values) => values.to("float32").flatten()));
}

function cosine(a: Tensor, b: Tensor): number {
  return scope(() => a.mul(b).sum().item() / Math.sqrt(a.square().sum().item() * b.square().sum().item()));
}
