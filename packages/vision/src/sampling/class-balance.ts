import { type Draw, permutation } from "../random.js";

/**
 * As many pictures of every class as the rarest has: for each class so many are drawn from those that show it, and all drawn ones
 * together are the set (pytorch-ssd's `balance_data`). A picture that shows several classes counts for each, so frequent classes stay
 * somewhat more frequent. Pictures without objects are left out.
 *
 * @param labels of the objects in each picture, 1-based
 * @param warned is told of classes that no picture shows; they do not count (in the original nothing was left)
 * @returns the indices of the pictures, ascending
 */
export function balancedPictures(
  labels: readonly ArrayLike<number>[],
  classes: readonly string[],
  draw: Draw,
  warned: (message: string) => void,
): number[] {
  const showing = picturesOfClasses(labels, classes.length);
  const missing = classes.filter((_, i) => showing[i]!.length === 0);
  if (missing.length > 0) warned(`no picture shows ${missing.map((name) => `'${name}'`).join(", ")}; the others are balanced without`);
  const found = showing.filter((pictures) => pictures.length > 0);
  const smallest = Math.min(...found.map((pictures) => pictures.length));
  const drawn = found.flatMap((pictures) =>
    permutation(draw, pictures.length)
      .slice(0, smallest)
      .map((i) => pictures[i]!),
  );
  return [...new Set(drawn)].sort((a, b) => a - b);
}

/** For each class the pictures that show it, ascending. */
export function picturesOfClasses(labels: readonly ArrayLike<number>[], classes: number): number[][] {
  const showing = Array.from({ length: classes }, (): number[] => []);
  for (const [picture, own] of labels.entries()) for (const label of new Set(Array.from(own))) showing[label - 1]?.push(picture);
  return showing;
}
