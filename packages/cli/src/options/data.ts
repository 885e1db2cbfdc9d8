import { type FormatName, formatNames } from "@singleshot/vision";
import type { ReadingRules } from "@singleshot/vision/node";
import { Option } from "commander";
import { wholeNumber } from "./values.js";

/** The flags that say where a data set lies, and how it is understood. */
export interface DataFlags extends ReadingRules {
  data?: string[];
  dataset?: FormatName | "auto";
  annotations?: string;
  images?: string;
  labels?: string;
}

/** `--data` of a command with arguments of its own: one folder a time. */
export const repeatedDataOption = (description = "the data set; may be repeated"): Option =>
  new Option("--data <DIR>", description).argParser((root: string, earlier: string[] = []) => [...earlier, root]);

export const datasetOption = (): Option =>
  new Option("--dataset <KIND>", "its format (default: recognised from the folder)").choices(["auto", ...formatNames]);

/** For files that do not lie as the format says. */
export const annotationsOption = (): Option =>
  new Option("--annotations <FILE>", "instead of --data: the annotation file, or folder of such");
export const imagesOption = (): Option => new Option("--images <DIR>", "the folder of the pictures (default: where the format has it)");
export const labelsOption = (): Option =>
  new Option("--labels <FILE>", "the names of the classes, one a line (default: what the data set says)");

/** How marks are understood that a format leaves open. */
export const readingOptions = (): Option[] => [
  new Option("--pixels-from <N>", "Pascal VOC: the first pixel's number, 1 as VOC's own files have it (default: 0)").argParser(
    wholeNumber("--pixels-from", { min: 0, max: 1 }),
  ),
  new Option("--groups <KIND>", "Open Images: boxes around groups are crowds, not trained on, or objects (default: crowds)").choices([
    "crowds",
    "objects",
  ]),
];
