import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runHere } from "./command.js";
import { writeTinyData } from "./tiny.js";

type Category = { id: number; name: string };
/** What the tiny data set's classes become: by their ids there. */
export type TinyCategories = Readonly<Record<1 | 2, Category>>;

const OF_COCO: TinyCategories = { 1: { id: 1, name: "person" }, 2: { id: 18, name: "dog" } };

/** The tiny data set in COCO's layout, with splits train and val; its bolts and nuts have the ids and names of two of COCO's categories. */
export async function writeTinyCoco(root: string, categories: TinyCategories = OF_COCO): Promise<void> {
  const parts = `${root}-voc`;
  await writeTinyData(parts);
  await runHere("data", "convert", parts, "--to", "coco", "--out", root);
  for (const [split, name] of [
    ["train", "train"],
    ["test", "val"],
  ]) {
    const written = join(root, "annotations", `instances_${split}.json`);
    const content = JSON.parse(readFileSync(written, "utf8"));
    rmSync(written);
    content.categories = Object.values(categories);
    for (const object of content.annotations) object.category_id = categories[object.category_id as 1 | 2].id;
    writeFileSync(join(root, "annotations", `instances_${name}.json`), JSON.stringify(content));
  }
}
