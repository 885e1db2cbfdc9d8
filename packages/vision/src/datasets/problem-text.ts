import type { DatasetProblem } from "./types.js";

/** One line for people: `Annotations/a.xml, line 50, object 4: box [181, 329, 181, 329] of RBC has no width and no height`. */
export function problemText({ file, line, annotation, message }: DatasetProblem): string {
  const place = [file, line !== undefined && `line ${line}`, annotation !== undefined && `object ${annotation}`];
  return `${place.filter(Boolean).join(", ")}: ${message}`;
}
