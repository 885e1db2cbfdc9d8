import { type nn, noGrad, ops, scope, type Tensor, tensor } from "@singleshot/torch";
import type { DetectorOptions } from "../../recipes/index.js";
import type { Detector } from "../detector.js";
import { createDetector } from "../registry.js";

/** What became of the classes of one detector in another. */
export interface AdoptedClasses {
  /** Classes of both lists, whose weights were taken over. */
  kept: string[];
  /** Classes that start anew. */
  added: string[];
  /** Classes that are gone. */
  dropped: string[];
}

/** A detector for other classes, and what became of the old ones. */
export interface ResetClasses extends AdoptedClasses {
  detector: Detector;
}

/**
 * A new detector of the same recipe for other classes: all that is shared between classes is copied, and so is what answers for the
 * background and for classes of the same name, wherever they stand in the list. The other classes start anew. The given detector is
 * not changed.
 *
 * @param reuse false: all of the classes start anew, whatever they are called, and the background too
 * @see GluonCV's `reset_class`
 */
export function resetClasses(detector: Detector, classes: readonly string[], { reuse = true }: { reuse?: boolean } = {}): ResetClasses {
  const fresh = createDetector(optionsFor(detector.options, classes), classes).to({ dtype: dtypeOf(detector), device: detector.device });
  return { detector: fresh, ...adoptClasses(fresh, detector, { reuse }) };
}

/** Takes over what a detector of the same network has learned, its class rows by name: see `resetClasses`. */
export function adoptClasses(into: Detector, from: Detector, { reuse = true }: { reuse?: boolean } = {}): AdoptedClasses {
  const kept = reuse ? into.classes.filter((name) => from.classes.includes(name)) : [];
  copyShared(from, into);
  if (reuse) copyRows(from, into, kept);
  return {
    kept,
    added: into.classes.filter((name) => !kept.includes(name)),
    dropped: from.classes.filter((name) => !kept.includes(name)),
  };
}

const dtypeOf = (detector: Detector) => detector.network.classLayers[0]!.weight.dtype;

/** The options for other classes: a loss that weighs a class which is gone would name a stranger. */
export function optionsFor(options: DetectorOptions, classes: readonly string[]): DetectorOptions {
  const { classification } = options.loss;
  if (classification.name !== "cross-entropy" || !classification.classWeights) return options;
  const classWeights = Object.fromEntries(Object.entries(classification.classWeights).filter(([name]) => classes.includes(name)));
  return { ...options, loss: { ...options.loss, classification: { ...classification, classWeights } } };
}

/** All but the class layers. */
function copyShared(from: Detector, to: Detector): void {
  const ofClasses = new Set(to.network.classLayers.flatMap(({ weight, bias }): (Tensor | undefined)[] => [weight, bias]));
  const values = from.stateDict();
  noGrad(() => {
    for (const [key, own] of to.stateDict()) if (!ofClasses.has(own)) own.copy_(values.get(key)!);
  });
}

/** Output channel a · C + c of a class layer speaks for column c at anchor a. */
function copyRows(from: Detector, to: Detector, kept: readonly string[]): void {
  const background = from.options.scores === "sigmoid" ? 0 : 1;
  const columns = kept.map((name) => [from.classes.indexOf(name) + background, to.classes.indexOf(name) + background] as const);
  const pairs = background ? [[0, 0] as const, ...columns] : columns;
  const [before, after] = [from.classes.length + background, to.classes.length + background];
  to.network.classLayers.forEach((layer, i) => {
    const anchors = layer.outChannels / after;
    const rows = Array.from({ length: anchors }, (_, a) =>
      pairs.map(([old, own]): [number, number] => [a * before + old, a * after + own]),
    );
    for (const [theirs, own] of tensorsOf(from.network.classLayers[i]!, layer)) takeRows(own, theirs, rows.flat());
  });
}

function tensorsOf(from: nn.Conv2d, to: nn.Conv2d): [Tensor, Tensor][] {
  const weights: [Tensor, Tensor] = [from.weight, to.weight];
  return from.bias && to.bias ? [weights, [from.bias, to.bias]] : [weights];
}

/** @param rows each [row of `theirs`, row of `own`] */
function takeRows(own: Tensor, theirs: Tensor, rows: readonly [number, number][]): void {
  const source = BigInt64Array.from({ length: own.shape[0]! }, (_, row) => BigInt(row));
  for (const [from, to] of rows) source[to] = BigInt(own.shape[0]! + from);
  scope(() => noGrad(() => own.copy_(ops.cat([own, theirs], { dim: 0 }).indexSelect(0, tensor(source, { device: own.device })))));
}
