import type { RawDataset, RawImage } from "./types.js";

export interface Part {
  raw: RawDataset;
  /** put before the names of its pictures where another part has one of the same name */
  prefix: string;
  /** where its files lie, from the whole's folder */
  folder?: string;
}

/**
 * Several data sets as one: classes are matched by name, in the order in which they first occur. A picture file that two parts list under
 * the same name counts once.
 */
export function mergeRaw(name: string, parts: readonly Part[]): RawDataset {
  const filesById = new Map<string, Set<string | undefined>>();
  for (const { raw } of parts) {
    for (const { id, imageFile } of raw.images) filesById.set(id, (filesById.get(id) ?? new Set()).add(imageFile));
  }
  const isShared = (id: string) => filesById.get(id)!.size > 1;
  const images = parts.flatMap(({ raw, prefix, folder }) => {
    return raw.images.map((image) => ({
      ...image,
      id: isShared(image.id) ? `${prefix}/${image.id}` : image.id,
      source: below(folder, image.source),
    }));
  });
  return {
    name,
    classes: [...new Set(parts.flatMap(({ raw }) => raw.classes))],
    images: withoutRepetition(parts, images),
    strays: parts.flatMap(({ raw, folder }) => (raw.strays ?? []).map((stray) => ({ ...stray, source: below(folder, stray.source) }))),
    problems: parts.flatMap(({ raw, folder }) =>
      (raw.problems ?? []).map((problem) => ({ ...problem, file: below(folder, problem.file) })),
    ),
    origin: { categories: new Map(parts.flatMap(({ raw }) => [...(raw.origin?.categories ?? [])])) },
  };
}

const below = (folder: string | undefined, file: string) => (folder === undefined ? file : `${folder}/${file}`);

/** Of `train` and `trainval` the same pictures come twice; what one part lists twice itself stays, to be complained of. */
function withoutRepetition(parts: readonly Part[], images: readonly RawImage[]): RawImage[] {
  const partOf = parts.flatMap(({ raw }, part) => raw.images.map(() => part));
  const firstPart = new Map<string, number>();
  return images.filter(({ id }, i) => {
    if (!firstPart.has(id)) firstPart.set(id, partOf[i]!);
    return firstPart.get(id) === partOf[i];
  });
}
