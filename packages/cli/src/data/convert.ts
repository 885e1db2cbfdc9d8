import type { FormatName } from "@singleshot/vision";
import { type Collected, collectDataset, heldIn, lostIn, requireFree, type WrittenDataset, writeDataset } from "@singleshot/vision/node";
import type { DataFlags } from "../options/index.js";
import { count, type Terminal } from "../terminal/index.js";
import { dataSource } from "./source.js";

interface ConvertOptions {
  out: string;
  /** the format it has when left out */
  to?: FormatName | undefined;
  splits?: readonly string[] | undefined;
  /** what is done with it in between */
  change?: (dataset: WrittenDataset) => WrittenDataset;
}

/** What was written, as JSON has it. */
export interface Converted {
  out: string;
  dataset: FormatName;
  classes: string[];
  splits: { name?: string; images: number; boxes: number }[];
  rejected: { images: number; boxes: number };
  lost: string[];
}

/** Reads a data set, changes it, writes it, and says what was written and what was left out. */
export async function convert(flags: DataFlags, { out, to, splits, change }: ConvertOptions, terminal: Terminal): Promise<Converted> {
  const source = dataSource(flags);
  requireFree(out, source.roots);
  const collected = await collectDataset(source.roots, { ...source.options, ...(splits && { splits }) });
  const dataset = change ? change(collected.written) : collected.written;
  const format = to ?? source.places[0]!.format.name;
  const lost = lostIn(dataset, format);
  await writeDataset(out, dataset, format);
  const result = { out, dataset: format, ...contents(heldIn(dataset, format)), rejected: rejected(collected), lost };
  tell(result, terminal);
  return result;
}

function contents({ classes, splits }: WrittenDataset): Pick<Converted, "classes" | "splits"> {
  const rows = splits.map(({ name, images }) => {
    return {
      ...(name !== undefined && { name }),
      images: images.length,
      boxes: images.reduce((sum, { objects }) => sum + objects.length, 0),
    };
  });
  return { classes, splits: rows };
}

/** Each once: a picture may be in several splits. */
function rejected({ checked }: Collected): Converted["rejected"] {
  const images = new Map(checked.flatMap(({ details }) => details.map((detail) => [detail.image, detail])));
  const all = [...images.values()];
  const boxes = all.flatMap((detail) => detail.boxes).filter(({ status }) => status === "rejected");
  return { images: all.filter(({ status }) => status === "rejected").length, boxes: boxes.length };
}

function tell({ out, dataset, splits, rejected, lost }: Converted, { say }: Terminal): void {
  for (const { name, images, boxes } of splits) say(`${name ?? "all"}: ${count(images, "picture")}, ${count(boxes, "box", "boxes")}`);
  if (rejected.images + rejected.boxes > 0)
    say(
      `left out: ${count(rejected.images, "picture")} and ${count(rejected.boxes, "box", "boxes")}; \`singleshot data check\` names them`,
    );
  for (const sentence of lost) say(sentence);
  say(`\nwritten to ${out} (--dataset ${dataset})`);
}
