import { defaultGenerator, noGrad, ops, scope, type Tensor, tensor } from "@singleshot/torch";
import { batchSize, evaluationInput, InputError, type InputOptions, type Size } from "@singleshot/vision";
import { createDetector, type Detector } from "../detectors/index.js";
import type { Recipe } from "../recipes/index.js";
import { forward, type TrainingBatch } from "./train-step.js";

type Precision = Exclude<Recipe["training"]["precision"], "auto">;

/** How a precision compares with float32 on this machine. */
export interface PrecisionCheck {
  /** Losses in both. */
  loss: number;
  float32Loss: number;
  /** The cosine between the gradients of all parameters. */
  gradientCosine: number;
  /** Of forward and backward pass, against float32. */
  speedup: number;
}

const PICTURES = 4;
const ROUNDS = 2;

/**
 * The precision that a run computes in: 16-bit floats only where they give the right losses and gradients here, and, if the recipe leaves
 * the choice, only where they are faster. The random streams stay where they were.
 *
 * @throws InputError where this libtorch has no kernels for the type
 */
export function choosePrecision({ training, detector }: Recipe, warned: (message: string) => void): Precision {
  const { precision } = training;
  if (precision === "float32") return precision;
  const wanted = precision === "auto" ? "bfloat16" : precision;
  const check = checkPrecision(detector, wanted);
  if (!isRight(check)) {
    warned(`${wanted} is not right on this machine (${numbers(check)}): training in float32`);
    return "float32";
  }
  if (check.speedup >= 1) return wanted;
  if (precision === "auto") return "float32";
  warned(`${wanted} is slower than float32 on this machine: ${numbers(check)}. training.precision=auto takes the faster one`);
  return wanted;
}

const isRight = ({ loss, float32Loss, gradientCosine }: PrecisionCheck) =>
  Math.abs(loss - float32Loss) <= 0.05 * Math.abs(float32Loss) && gradientCosine >= 0.9;

const numbers = ({ loss, float32Loss, gradientCosine, speedup }: PrecisionCheck) =>
  `loss ${loss.toFixed(4)} against ${float32Loss.toFixed(4)}, gradients ${gradientCosine.toFixed(3)} alike, ${speedup.toFixed(2)} times as fast`;

/** Forward and backward passes of a fresh detector on pictures of noise. */
export function checkPrecision(options: Recipe["detector"], precision: Precision): PrecisionCheck {
  using before = defaultGenerator.state;
  const detector = createDetector(options, ["object"]).train();
  const batch = noise(options.input);
  try {
    const float32 = measured(detector, batch, "float32");
    const other = measured(detector, batch, precision);
    const gradientCosine = cosine(float32.gradients, other.gradients);
    for (const gradient of [...float32.gradients, ...other.gradients]) gradient.dispose();
    return { loss: other.loss, float32Loss: float32.loss, gradientCosine, speedup: float32.durationMs / other.durationMs };
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0];
    throw new InputError(`training.precision: libtorch does not compute this network in ${precision} here (${reason})`, {
      fix: "use bfloat16, float32 or auto",
    });
  } finally {
    for (const value of Object.values(batch)) (value as Tensor).dispose();
    detector.dispose();
    defaultGenerator.state = before;
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

function measured(detector: Detector, batch: TrainingBatch, precision: Precision) {
  const pass = () => {
    detector.zeroGrad();
    defaultGenerator.seed(2); // the same dropout
    return scope(() => {
      const { total } = forward(detector, batch, precision);
      total.backward();
      return total.item();
    });
  };
  const loss = pass(); // warms up, too
  const durations = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    pass();
    return performance.now() - start;
  });
  const gradients = [...detector.parameters().values()].flatMap(({ grad }) => (grad ? [noGrad(() => grad.clone())] : []));
  return { loss, gradients, durationMs: Math.min(...durations) };
}

function cosine(a: readonly Tensor[], b: readonly Tensor[]): number {
  return scope(() => {
    const dot = (x: readonly Tensor[], y: readonly Tensor[]) => x.reduce((sum, value, i) => sum + value.mul(y[i]!).sum().item(), 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  });
}
