import { type Device, type nn, noGrad, optim, scope, type Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { disposeAll } from "../checkpoints/index.js";
import type { TrainingOptions } from "../recipes/index.js";
import { randomState, restoreRandomState, seedRandom } from "./random-state.js";

export type Precision = Exclude<TrainingOptions["precision"], "auto">;

/** A fresh network in training with a batch of noise, to compare precisions on. */
export interface Trial {
  model: nn.Module & { device: Device };
  /** A number. */
  loss(precision: Precision): Tensor;
  /** All that the network answers, in float32. */
  answers(precision: Precision): Tensor;
  dispose(): void;
}

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
const ROUNDS = 2;

/**
 * The precision that a run computes in: 16-bit floats only where they give the right losses and gradients here, and, if the recipe leaves
 * the choice, only where they are faster. The random streams stay where they were.
 *
 * @param trial makes the network that is tried, on the device
 * @throws InputError where this libtorch has no kernels for the type
 */
export function choosePrecision(
  precision: TrainingOptions["precision"],
  device: Device,
  trial: () => Trial,
  warned: (message: string) => void,
): Precision {
  if (precision === "float32") return precision;
  if (precision === "auto") return fastestPrecision(device, (candidate) => checkedIfPossible(trial, candidate, device), warned);
  const check = checkPrecision(trial, precision, device);
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

/** Forward and backward passes in both types. */
export function checkPrecision(make: () => Trial, precision: Precision, device: Device = "cpu"): PrecisionCheck {
  const before = randomState(device);
  const trial = make();
  try {
    const float32 = measured(trial, "float32");
    const other = measured(trial, precision);
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
    trial.dispose();
    restoreRandomState(before, device);
    disposeAll(before);
  }
}

const FLOAT16_SCALE = 1024; // of the loss, as the gradient scaler has it in training: small gradients would vanish

function measured({ model, loss, answers }: Trial, precision: Precision) {
  const scale = precision === "float16" ? FLOAT16_SCALE : 1;
  const pass = () => {
    model.zeroGrad();
    seedRandom(model.device, 2); // the same dropout
    return scope(() => {
      const total = loss(precision);
      total.mul(scale).backward();
      return total.item();
    });
  };
  const norm = () => optim.gradNorm(model.parameters().values()) / scale;
  const first = pass(); // warms up, too
  const norms = [norm()];
  const durations = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    pass();
    const duration = performance.now() - start;
    norms.push(norm());
    return duration;
  });
  const answered = scope(() => noGrad(() => answers(precision)));
  return { loss: first, gradientNorm: Math.max(...norms), answers: answered, durationMs: Math.min(...durations) };
}

function cosine(a: Tensor, b: Tensor): number {
  return scope(() => a.mul(b).sum().item() / Math.sqrt(a.square().sum().item() * b.square().sum().item()));
}
