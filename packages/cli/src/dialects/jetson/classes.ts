import { existsSync } from "node:fs";
import { InputError } from "@singleshot/vision";
import { readClassList } from "@singleshot/vision/node";

/** The classes of a labels.txt, without the background of its first line. @throws InputError where there is no such file */
export function classesOf(labels: string): string[] {
  if (!existsSync(labels))
    throw new InputError("no such file", { file: labels, fix: "name the labels.txt that was written beside the model" });
  return readClassList(labels);
}
