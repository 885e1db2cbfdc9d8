/** Weights: what a model file says in `fill`. */
export interface Fill {
  suffix: string;
  gain: number;
}

/** An input that is computed, not stored. With `scale` it is scale · u, else a value in [0, 1) (`unit`) or [-1, 1) (`sym`). */
export interface InputRecipe {
  name: string;
  shape: number[];
  block?: number;
  map: "unit" | "sym";
  scale?: number;
}

/** An 8-bit RGB picture. */
export interface PictureRecipe {
  name: string;
  height: number;
  width: number;
  block: number;
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** FNV-1a of the name in UTF-8, 32 bits. */
export function fnv1a(name: string): number {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) h = Math.imul(h ^ byte, 0x01000193) >>> 0;
  return h;
}

/** Number i in [-1, 1) of the name with this hash, exact in float64. */
export function uniformAt(hash: number, i: number): number {
  let x = (hash + Math.imul(i, 0x9e3779b9)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1;
}

/** n numbers in [-1, 1) that belong to a name. */
export function uniform(name: string, n: number): Float64Array {
  const hash = fnv1a(name);
  const u = new Float64Array(n);
  for (let i = 0; i < n; i++) u[i] = uniformAt(hash, i);
  return u;
}

/** The value of one entry of a state dict, by its key: the first rule that fits. Row-major; int64 for counters, float32 for all else. */
export function fillValue(key: string, shape: readonly number[], fill: Fill): Float32Array | BigInt64Array {
  const n = product(shape);
  if (key.endsWith("num_batches_tracked")) return new BigInt64Array(n);
  const [offset, factor] = fillRule(key, shape, fill.gain);
  const hash = fnv1a(key + fill.suffix);
  const values = new Float32Array(n);
  for (let i = 0; i < n; i++) values[i] = offset + factor * uniformAt(hash, i); // a loop: VGG16 has 138 million of them
  return values;
}

function fillRule(key: string, shape: readonly number[], gain: number): [offset: number, factor: number] {
  if (key.endsWith("running_var")) return [1, 0.5];
  if (key.endsWith("running_mean")) return [0, 0.1];
  if (key.endsWith("scale_weight") || key.endsWith("scale")) return [10, 1];
  if (shape.length > 1) return [0, gain * Math.sqrt(6 / product(shape.slice(1)))];
  return key.endsWith("weight") ? [1, 0.1] : [0, 0.1];
}

/** Rebuilds an input, row-major over `shape`. */
export function goldenInput({ name, shape, block = 1, map, scale }: InputRecipe): { shape: number[]; data: Float32Array } {
  const toRange = scale !== undefined ? (p: number) => scale * (2 * p - 1) : map === "sym" ? (p: number) => 2 * p - 1 : (p: number) => p;
  return { shape: [...shape], data: Float32Array.from(unitValues(name, shape, block), toRange) };
}

/** Rebuilds an 8-bit picture as rows of RGB pixels: [height, width, 3]. */
export function goldenPicture({ name, height, width, block }: PictureRecipe): Uint8Array {
  const planes = unitValues(name, [3, height, width], block);
  const area = height * width;
  return Uint8Array.from({ length: 3 * area }, (_, i) => Math.floor(256 * planes[(i % 3) * area + Math.floor(i / 3)]!));
}

/** p in [0, 1): fine noise, or with block > 1 three quarters of a coarse picture and a quarter of noise. */
function unitValues(name: string, shape: readonly number[], block: number): Float64Array {
  const p = uniform(name, product(shape)).map((u) => (u + 1) / 2);
  if (block <= 1) return p;
  const [height, width] = shape.slice(-2) as [number, number];
  const [rows, columns] = [Math.ceil(height / block), Math.ceil(width / block)];
  const coarse = uniform(`${name}:block`, product(shape.slice(0, -2)) * rows * columns);
  return p.map((fine, i) => {
    const [plane, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
    const g = coarse[(plane * rows + Math.floor(y / block)) * columns + Math.floor(x / block)]!;
    return 0.75 * ((g + 1) / 2) + 0.25 * fine;
  });
}
