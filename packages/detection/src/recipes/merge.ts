/** Plain data as JSON has it. */
export type Data = { [key: string]: unknown };

export const isData = (value: unknown): value is Data => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * What is set in the second replaces what the first has, key by key; lists are replaced whole, or element by element where the second
 * has them by number. A part of another kind, told by `name` (an optimizer, a schedule) or `resize` (an input), replaces the first's
 * whole: its settings mean nothing there.
 */
export function merge(base: unknown, over: unknown, { isPart = false } = {}): unknown {
  if (!isData(over)) return over;
  if (Array.isArray(base)) return mergeItems(base, over);
  if (!isData(base)) return over;
  if (isPart && kinds.some((kind) => over[kind] !== undefined && over[kind] !== base[kind])) return over;
  const merged = Object.entries(over).map(([key, value]) => [key, merge(own(base, key), value, { isPart: true })]);
  return { ...base, ...Object.fromEntries(merged) };
}

const kinds = ["name", "resize"];

function mergeItems(base: readonly unknown[], over: Data): unknown {
  const keys = Object.keys(over);
  if (!keys.every((key) => /^\d+$/.test(key) && Number(key) <= base.length)) return over;
  const items = [...base];
  for (const key of keys) items[Number(key)] = merge(base[Number(key)], over[key], { isPart: true });
  return items;
}

/** `optimizer.learningRate`, 0.01 → `{ optimizer: { learningRate: 0.01 } }` */
export function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}

const own = (data: Data, key: string) => (Object.hasOwn(data, key) ? data[key] : undefined);
