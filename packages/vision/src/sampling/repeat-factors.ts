import type { Draw } from "../random.js";
import { picturesOfClasses } from "./class-balance.js";

/**
 * How often a picture is seen in an epoch, so that rare classes are not forgotten: for a class in a share f of the pictures
 * r = max(1, √(threshold / f)), for a picture the largest r of its classes.
 *
 * @param labels of the objects in each picture, 1-based
 * @returns for each picture a factor of at least 1
 * @see Gupta et al. 2019, LVIS (arXiv:1908.03195)
 */
export function repeatFactors(labels: readonly ArrayLike<number>[], classes: number, threshold = 0.001): Float64Array {
  const ofClass = picturesOfClasses(labels, classes).map((pictures) =>
    Math.max(1, Math.sqrt((threshold * labels.length) / pictures.length)),
  );
  return Float64Array.from(labels, (own) => Math.max(1, ...Array.from(own, (label) => ofClass[label - 1] ?? 1)));
}

/** Every index as often as its factor says: the whole part always, the fraction by chance. */
export function repeated(indices: readonly number[], factors: ArrayLike<number>, draw: Draw): number[] {
  return indices.flatMap((index) => {
    const whole = Math.floor(factors[index]!);
    return new Array<number>(whole + (draw() < factors[index]! - whole ? 1 : 0)).fill(index);
  });
}
