import { basename, join, relative, resolve } from "node:path";
import { picturesIn, withoutExtension } from "./picture-finder.js";
import type { DatasetProblem, RawImage } from "./types.js";

/** A note on the pictures of a folder that nothing speaks of: perhaps somebody forgot to annotate them. */
export function unusedPictures(folder: string, images: readonly RawImage[], lack: string): DatasetProblem[] {
  const files = new Set(images.map(({ imageFile }) => imageFile && relative(resolve(folder), resolve(imageFile))));
  const ids = new Set(images.map(({ id }) => id));
  const unused = picturesIn(folder).filter((name) => !files.has(join(name)) && !ids.has(withoutExtension(name)));
  if (unused.length === 0) return [];
  const message = unused.length === 1 ? `${unused[0]} ${lack}` : `${unused.length} pictures are not used: ${unused[0]}, for one, ${lack}`;
  return [{ file: basename(folder), kind: "unused-pictures", action: "note", message }];
}
