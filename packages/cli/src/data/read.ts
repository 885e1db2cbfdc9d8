import type { Dataset } from "@singleshot/vision";
import { readDataset } from "@singleshot/vision/node";
import type { DataFlags } from "../options/index.js";
import { shortPath, type Terminal } from "../terminal/index.js";
import { describeDataset } from "./describe.js";
import type { DataSource } from "./source.js";

/** Says what was recognised in each folder, where nobody said so. */
export function tellFormats({ places }: DataSource, { dataset = "auto" }: DataFlags, terminal: Terminal): void {
  if (dataset !== "auto") return;
  for (const { root, format } of places) terminal.say(`${shortPath(root)} is read as ${format.title} (--dataset ${format.name})`);
}

/** Reads a split, or all of a data set that has none, and says what was found. */
export async function readSplit(
  { roots, options }: DataSource,
  { split, classes }: { split?: string | undefined; classes?: readonly string[] },
  terminal: Terminal,
): Promise<Dataset> {
  const dataset = await readDataset(roots, { ...options, ...(split !== undefined && { split }), ...(classes && { classes }) });
  terminal.say(describeDataset(dataset));
  return dataset;
}
