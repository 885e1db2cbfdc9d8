import type { Dataset } from "@singleshot/vision";
import { readVoc } from "@singleshot/vision/node";
import type { Terminal } from "../terminal/index.js";
import { describeDataset } from "./describe.js";

/** Reads a split, or all of a data set that has none, and says what was found. */
export async function readSplit(
  root: string,
  { split, classes }: { split?: string | undefined; classes?: readonly string[] },
  terminal: Terminal,
): Promise<Dataset> {
  const dataset = await readVoc(root, { as: "--data", ...(split !== undefined && { split }), ...(classes && { classes: [...classes] }) });
  terminal.say(describeDataset(dataset));
  return dataset;
}
