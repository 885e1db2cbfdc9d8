import { InputError } from "@singleshot/base";
import { randomOf } from "../../random.js";
import { allImages, type WrittenDataset, type WrittenSplit } from "../writing/index.js";
import { type Share, stratify } from "./stratify.js";

/**
 * New splits for a data set, seeded and stratified; those it had are forgotten. `trainval` comes as well where there are `train` and `val`.
 *
 * @throws InputError when a part would get no picture
 */
export function resplit(dataset: WrittenDataset, shares: readonly Share[], seed = 0): WrittenDataset {
  const images = allImages(dataset).sort((a, b) => (a.id < b.id ? -1 : 1));
  const labels = new Map(dataset.classes.map((name, i) => [name, i + 1]));
  const partOf = stratify(
    images.map(({ objects }) => objects.map(({ name }) => labels.get(name)!)),
    shares,
    randomOf(seed),
  );
  const splits = shares.map(({ name }, part): WrittenSplit => ({ name, images: images.filter((_, i) => partOf[i] === part) }));
  const empty = splits.find((split) => split.images.length === 0);
  if (empty)
    throw new InputError(`no picture is left for ${empty.name}: there are ${images.length} in all`, { fix: "choose other shares" });
  return { ...dataset, splits };
}

/** `70/20/10`, or `train=80,test=20`, as shares of the whole. @throws InputError when it is neither */
export function parseShares(text: string): Share[] {
  const names = ["train", "val", "test"];
  const parts = text.includes("=")
    ? text.split(",").map((part) => part.split("="))
    : text.split("/").map((number, i) => [names[i], number]);
  const shares = parts.map(([name = "", number = ""]) => ({
    name: name.trim(),
    share: number.trim() === "" ? Number.NaN : Number(number),
  }));
  const total = shares.reduce((sum, { share }) => sum + share, 0);
  const isUsable =
    shares.every(({ name, share }) => /^[\w-]+$/.test(name) && share > 0) && new Set(shares.map(({ name }) => name)).size === shares.length;
  if (shares.length < 2 || !isUsable || !Number.isFinite(total))
    throw new InputError(`${text} does not say how to divide`, { fix: "write 70/20/10 or train=80,test=20" });
  return shares.map(({ name, share }) => ({ name, share: share / total }));
}
