import { InputError } from "@singleshot/vision";
import { addVocLists, collectDataset, resplit, type Share } from "@singleshot/vision/node";
import type { DataFlags } from "../options/index.js";
import { dataSource } from "./source.js";

/** Adds lists to a data set in the layout of Pascal VOC. @throws InputError for other formats, which need a copy */
export async function splitInPlace(
  flags: DataFlags,
  { shares, seed }: { shares: readonly Share[]; seed: number },
): Promise<{ files: string[]; splits: { name: string; images: number }[] }> {
  const { roots, places, options } = dataSource(flags);
  const [place] = places;
  if (places.length > 1 || place!.format.name !== "voc" || options.annotations !== undefined)
    throw new InputError("lists are added to one folder in the layout of Pascal VOC only", { fix: "name a new folder with --out" });
  const { written } = await collectDataset(roots, options);
  const divided = resplit(written, shares, seed);
  const files = await addVocLists(place!.root, divided);
  return { files, splits: divided.splits.map(({ name, images }) => ({ name: name!, images: images.length })) };
}
