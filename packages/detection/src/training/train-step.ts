import { autocast, type Device, type DType, ops, scope, type Tensor, toDevice } from "@singleshot/torch";
import { BACKGROUND } from "../boxes/index.js";
import type { Detector, Raw } from "../detectors/index.js";
import { alone, type Span, spansOf, summed, type Team } from "../distributed/index.js";
import type { Batch } from "../loader/index.js";
import { type GroundTruth, type Targets, truthOn } from "../losses/index.js";
import type { Recipe } from "../recipes/index.js";
import { isFiniteTensor, NotFinite } from "./not-finite.js";
import type { DetectionValues } from "./observers/index.js";
import type { TrainingState } from "./run/index.js";
import { backward, update } from "./update.js";

/** What of a batch the network and its loss look at. */
export type TrainingBatch = GroundTruth & { images: Tensor; extents?: Tensor };

/**
 * One optimizer step on one batch. Intermediates are freed before `backward`: autograd keeps what it needs.
 *
 * @param pictures how many of the batch's each process has; they share it
 * @throws NotFinite when the learning rate, a loss or a gradient is not finite; the weights have not been changed then
 */
export async function trainStep(
  state: TrainingState<Detector>,
  batch: Batch,
  { training }: Pick<Recipe, "training">,
  pictures: readonly number[] = [batch.entries.length],
): Promise<DetectionValues> {
  const { model, optimizer, team } = state;
  if (!Number.isFinite(optimizer.learningRate)) throw new NotFinite(`the learning rate is ${optimizer.learningRate}`);
  const parts = spansOf(pictures, team.rank, training.microBatchSize);
  const losses = { loss: 0, classification: 0, regression: 0 };
  for (const [i, span] of parts.entries()) {
    if (i === parts.length - 1) state.gradients.begin();
    scope(() => {
      const part = onDevice(model.device, spanOf(batch, span));
      const { total, classification, regression } = forward(model, part, training.precision, { team, pictures: span.together });
      backward(state, total, span.weight);
      const [loss, classes, boxes] = ops.stack([total, classification, regression]).toTypedArray() as unknown as [number, number, number];
      const values = { loss, classification: classes, regression: boxes }; // read last: the device has no need to wait for us
      if (!Number.isFinite(values.loss)) throw lossProblem(values, model, part);
      for (const [name, value] of Object.entries(values)) losses[name as keyof typeof losses] += value * span.weight;
    });
  }
  const reduced = state.gradients.reduced(); // begun first: what gradients take behind backward is measured from here
  const [said] = await Promise.all([team.gather([losses.loss, losses.classification, losses.regression]), reduced]);
  const [loss, classification, regression] = summed(said);
  return { loss: loss!, classification: classification!, regression: regression!, gradientNorm: update(state, training) };
}

/** Its pictures, cut when their turn comes. */
function spanOf(batch: Batch, { from, count }: Span): TrainingBatch {
  return count === batch.entries.length ? batch : picturesOf(batch, from, count);
}

/** All that a step looks at, brought to the device before there is anything for it to do. */
const onDevice = (device: Device, { images, extents, ...truth }: TrainingBatch): TrainingBatch => ({
  ...truthOn(device, truth),
  images: toDevice(images, device),
  ...(extents && { extents: toDevice(extents, device) }),
});

/** Some pictures of a batch that lie beside each other. */
export function picturesOf({ images, boxes, labels, counts, extents }: TrainingBatch, from: number, count: number): TrainingBatch {
  const cut = (tensor: Tensor) => tensor.narrow(0, from, count);
  return { images: cut(images), boxes: cut(boxes), labels: cut(labels), counts: cut(counts), ...(extents && { extents: cut(extents) }) };
}

const AUTOCAST: Partial<Record<Recipe["training"]["precision"], DType>> = { bfloat16: "bfloat16", float16: "float16" };

type Precision = Recipe["training"]["precision"];

/** What the network answers to a batch in the given precision. */
export const answer = (detector: Detector, { images, extents }: TrainingBatch, precision: Precision): Raw =>
  inPrecision(detector, precision, () => detector.forward(detector.normalize(images, extents)));

/** What a network computes, in the given precision. */
export function inPrecision<T>({ device }: { device: Device }, precision: Precision, body: () => T): T {
  const dtype = AUTOCAST[precision];
  return autocast({ enabled: dtype !== undefined, device, ...(dtype && { dtype }) }, body);
}

/**
 * The losses of a batch; the network runs in the given precision, losses and boxes always in float32 or better.
 * @param shared the processes that share the batch, and how many pictures they have of it
 */
export function forward(
  detector: Detector,
  batch: TrainingBatch,
  precision: Precision,
  { team, pictures }: { team: Team; pictures: number } = { team: alone, pictures: batch.images.shape[0]! },
) {
  return scope(() => {
    const features = inPrecision(detector, precision, () => detector.features(detector.normalize(batch.images, batch.extents)));
    const targets = detector.targets(features, batch);
    const positives = divisorOf(detector, targets, team); // under way while the heads compute
    const raw = inPrecision(detector, precision, () => detector.answer(features));
    const { classification, regression } = detector.lossAgainst(targets, raw, { pictures, ...(positives && { positives }) });
    return { total: classification.add(regression), classification, regression };
  });
}

/** The matched anchors of all processes, where losses are divided by them. */
function divisorOf({ options }: Detector, { matches }: Targets, team: Team): (() => Tensor) | undefined {
  return options.loss.normalizer === "batch" ? team.total(matches.gt(BACKGROUND).sum()) : undefined;
}

function lossProblem(
  { classification, regression }: Record<"classification" | "regression", number>,
  model: Detector,
  batch: TrainingBatch,
) {
  const boxes = isFiniteTensor(batch.boxes) ? "" : ": a box is not";
  return new NotFinite(`the loss is not finite (classification ${classification}, regression ${regression})${boxes || weightsOf(model)}`);
}

function weightsOf(model: Detector): string {
  for (const [key, value] of model.stateDict()) if (!isFiniteTensor(value)) return `: the weights ${key} are not`;
  return "";
}
