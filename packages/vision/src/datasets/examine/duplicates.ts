import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { mapLimited } from "../map-limited.js";
import { isFile } from "../places.js";

export interface SplitFiles {
  name: string;
  files: readonly string[];
}

/** Two files, or two places in lists, of one picture. */
export interface Duplicate {
  file: string;
  split: string;
  first: string;
  firstSplit: string;
}

const HASHES_AT_ONCE = 4;

/**
 * Pictures that occur more than once, byte for byte: in two splits, where what is trained on tests itself, or twice in one. `trainval`
 * may share its pictures with `train` and `val`, and a list of all with any.
 */
export async function duplicatePictures(splits: readonly SplitFiles[]): Promise<Duplicate[]> {
  const places = splits.flatMap(({ name, files }) => files.filter(isFile).map((file) => ({ file, split: name })));
  const contentOf = await contents(places.map(({ file }) => file));
  const firsts = new Map<string, { file: string; split: string }[]>();
  return places.flatMap(({ file, split }) => {
    const earlier = firsts.get(contentOf.get(file)!) ?? [];
    const first = earlier.find((other) => (other.split === split ? other.file !== file : !mayShare(other.split, split)));
    if (!first) firsts.set(contentOf.get(file)!, [...earlier, { file, split }]);
    return first ? [{ file, split, first: first.file, firstSplit: first.split }] : [];
  });
}

function mayShare(a: string, b: string): boolean {
  const [one, other] = [a, b].map((name) => name.replace(/\d{4}$/, ""));
  const isWhole = (name: string | undefined) => name === "all" || name === "default";
  const isUnion = (name: string | undefined, part: string | undefined) => name === "trainval" && (part === "train" || part === "val");
  return isWhole(one) || isWhole(other) || isUnion(one, other) || isUnion(other, one);
}

/** File → a text that is the same for the same bytes. Only files of one length are read. */
async function contents(files: readonly string[]): Promise<Map<string, string>> {
  const distinct = [...new Set(files)];
  const bySize = new Map<number, string[]>();
  for (const file of distinct) {
    const { size } = statSync(file);
    bySize.set(size, [...(bySize.get(size) ?? []), file]);
  }
  const result = new Map(distinct.map((file) => [file, file]));
  const candidates = [...bySize.values()].filter((group) => group.length > 1).flat();
  await mapLimited(candidates, HASHES_AT_ONCE, async (file) => void result.set(file, await digest(file)));
  return result;
}

async function digest(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
