import { type Draw, permutation } from "../../random.js";

export interface Share {
  name: string;
  /** of the whole; all together they are 1 */
  share: number;
}

/**
 * Divides pictures so that every class is spread over the parts in the same shares: the rarest class first, each picture goes to where
 * most of the class is still wanted (iterative stratification).
 *
 * @param labelsOf the labels in each picture; an empty list is background
 * @returns for each picture the index of its part
 * @see Sechidis et al. 2011, On the Stratification of Multi-label Data
 */
export function stratify(labelsOf: readonly (readonly number[])[], shares: readonly Share[], draw: Draw): number[] {
  const order = permutation(draw, labelsOf.length);
  const kinds = labelsOf.map((labels) => new Set(labels.length > 0 ? labels : [BACKGROUND]));
  const rooms = shares.map(({ share }) => share * labelsOf.length);
  const wanted = new Map<number, number[]>();
  for (const kind of kinds.flatMap((set) => [...set])) {
    wanted.set(
      kind,
      shares.map(({ share }, part) => (wanted.get(kind)?.[part] ?? 0) + share),
    );
  }
  const partOf = new Array<number>(labelsOf.length).fill(-1);
  for (const kind of rarestFirst(kinds)) {
    for (const i of order) {
      if (partOf[i] !== -1 || !kinds[i]!.has(kind)) continue;
      const part = neediest(wanted.get(kind)!, rooms);
      partOf[i] = part;
      rooms[part]!--;
      for (const each of kinds[i]!) wanted.get(each)![part]!--;
    }
  }
  return partOf;
}

const BACKGROUND = 0;

function rarestFirst(kinds: readonly ReadonlySet<number>[]): number[] {
  const pictures = new Map<number, number>();
  for (const kind of kinds.flatMap((set) => [...set])) pictures.set(kind, (pictures.get(kind) ?? 0) + 1);
  return [...pictures].sort(([a, x], [b, y]) => x - y || a - b).map(([kind]) => kind);
}

/** Where most is wanted of the class; of equals the one with most room. */
function neediest(wanted: readonly number[], rooms: readonly number[]): number {
  const best = wanted.reduce((best, want, part) => {
    const better = want - wanted[best]! || rooms[part]! - rooms[best]!;
    return better > 1e-9 ? part : best;
  }, 0);
  return best;
}
