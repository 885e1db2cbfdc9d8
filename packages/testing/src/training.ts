import { expectPairs, type Pair } from "./compare.js";
import { fnv1a, uniformAt } from "./recipes.js";
import type { GoldenGradients, GoldenSgd } from "./types.js";

/** A signed checksum that notices a wrong order: Σ xᵢ uᵢ with the numbers that belong to the parameter's name. */
export function probe(name: string, data: ArrayLike<number>): number {
  const hash = fnv1a(`probe:${name}`);
  let total = 0;
  for (let i = 0; i < data.length; i++) total += uniformAt(hash, i) * data[i]!;
  return total;
}

/** √Σ xᵢ² */
export function l2(data: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < data.length; i++) total += data[i]! ** 2;
  return Math.sqrt(total);
}

/** The largest distances that are allowed, each relative to max(l2, 10⁻⁴ · global l2) but for `globalTol`. */
export interface GradientTolerance {
  globalTol: number;
  l2Tol: number;
  probeTol?: number;
  /** the median over the parameters, of l2 and of probe alike */
  medianTol?: number;
  name?: string;
}

/**
 * The gradients of all parameters that have one. The same names must be listed on both sides: a frozen or unused parameter has no
 * gradient and stands in neither list.
 *
 * @param ours [name, gradient] of every parameter that has a gradient
 */
export function expectGradients(
  ours: Iterable<readonly [string, ArrayLike<number>]>,
  theirs: GoldenGradients,
  { globalTol, l2Tol, probeTol = l2Tol, medianTol, name = "gradients" }: GradientTolerance,
): void {
  const gradients = new Map(ours);
  expectSameNames([...gradients.keys()], theirs.rows, name);
  const global = Math.hypot(...[...gradients.values()].map(l2));
  expectPairs([{ at: "the norm over all", ours: global, theirs: theirs.global_l2, allowed: globalTol * theirs.global_l2 }], name);
  const floor = 1e-4 * theirs.global_l2;
  const norms = theirs.rows.map(([key, norm]) => ({ at: key, ours: l2(gradients.get(key)!), theirs: norm, unit: Math.max(norm, floor) }));
  const probes = theirs.rows.map(([key, norm, value]) => {
    return { at: key, ours: probe(key, gradients.get(key)!), theirs: value, unit: Math.max(norm, floor) };
  });
  expectScaled(norms, l2Tol, medianTol, `${name}, l2`);
  expectScaled(probes, probeTol, medianTol, `${name}, probe`);
}

/**
 * What some steps of SGD did to every parameter, |a - b| ≤ tol · max(delta_l2, 10⁻³ · the largest delta_l2, 10⁻⁶ · l2).
 *
 * @param ours [name, initial, final] of every parameter
 */
export function expectSgdDeltas(
  ours: Iterable<readonly [string, ArrayLike<number>, ArrayLike<number>]>,
  theirs: GoldenSgd,
  { tol, name = "sgd" }: { tol: number; name?: string },
): void {
  const deltas = new Map([...ours].map(([key, initial, final]) => [key, Float64Array.from(final, (x, i) => x - initial[i]!)]));
  expectSameNames([...deltas.keys()], theirs.rows, name);
  const largest = Math.max(...theirs.rows.map(([, , delta]) => delta));
  const pairs = theirs.rows.map(([key, norm, deltaL2, deltaProbe]) => {
    const allowed = tol * Math.max(deltaL2, 1e-3 * largest, 1e-6 * norm);
    const delta = deltas.get(key)!;
    return [
      { at: `${key}, l2`, ours: l2(delta), theirs: deltaL2, allowed },
      { at: `${key}, probe`, ours: probe(key, delta), theirs: deltaProbe, allowed },
    ];
  });
  expectPairs(pairs.flat(), `${name}, changes`);
}

function expectSameNames(ours: string[], rows: readonly (readonly [string, ...unknown[]])[], name: string): void {
  const theirs = rows.map(([key]) => key);
  const missing = theirs.filter((key) => !ours.includes(key));
  const extra = ours.filter((key) => !theirs.includes(key));
  if (missing.length > 0) throw new Error(`${name}: ours lacks ${missing.length} parameters: ${missing.slice(0, 3).join(", ")}`);
  if (extra.length > 0) throw new Error(`${name}: ours has ${extra.length} parameters too many: ${extra.slice(0, 3).join(", ")}`);
}

/** Each within tol units, and, when asked, the median within medianTol units. */
function expectScaled(pairs: (Omit<Pair, "allowed"> & { unit: number })[], tol: number, medianTol: number | undefined, name: string): void {
  expectPairs(
    pairs.map(({ unit, ...pair }) => ({ ...pair, allowed: tol * unit })),
    name,
  );
  if (medianTol === undefined) return;
  const ordered = pairs.map(({ ours, theirs, unit }) => (ours === theirs ? 0 : Math.abs(ours - theirs) / unit)).sort((a, b) => a - b);
  const median = ordered[Math.floor(ordered.length / 2)] ?? 0;
  if (!(median <= medianTol)) throw new Error(`${name}: the median of the distances is ${median.toPrecision(3)}, allowed ${medianTol}`);
}
