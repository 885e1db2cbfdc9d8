import { readFileSync } from "node:fs";
import { type Evaluation, evaluate, fromCocoResults, InputError, type Protocol, parseCocoText, readCocoResults } from "@singleshot/vision";
import type { Terminal } from "../terminal/index.js";

/** Evaluates detections of any origin: a COCO annotation file and a list of COCO results. */
export function evaluateFiles(
  files: { detections: string; annotations: string; protocol: Protocol },
  terminal: Terminal,
): Evaluation & { durationMs: number } {
  const start = performance.now();
  const annotations = parseCocoText(contentOf(files.annotations).toString(), files.annotations);
  const sets = fromCocoResults(annotations, readCocoResults(contentOf(files.detections), files.detections), files);
  for (const note of sets.notes) terminal.warn(note);
  const evaluation = evaluate(files.protocol, sets.groundTruth, sets.detections, { classes: sets.classes });
  return { ...evaluation, durationMs: Math.round(performance.now() - start) };
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new InputError((error as NodeJS.ErrnoException).code === "ENOENT" ? "no such file" : (error as Error).message, { file });
  }
}
