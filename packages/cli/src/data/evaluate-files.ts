import { readFileSync } from "node:fs";
import { type Evaluation, evaluate, fromCocoJson, InputError, type Protocol, parseCocoText } from "@singleshot/vision";
import type { Terminal } from "../terminal/index.js";

/** Evaluates detections of any origin: a COCO annotation file and a list of COCO results. */
export function evaluateFiles(
  files: { detections: string; annotations: string; protocol: Protocol },
  terminal: Terminal,
): Evaluation & { durationMs: number } {
  const start = performance.now();
  const [annotations, detections] = [files.annotations, files.detections].map(readCoco);
  const sets = fromCocoJson(annotations, detections, files);
  for (const note of sets.notes) terminal.warn(note);
  const evaluation = evaluate(files.protocol, sets.groundTruth, sets.detections, { classes: sets.classes });
  return { ...evaluation, durationMs: Math.round(performance.now() - start) };
}

function readCoco(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new InputError((error as NodeJS.ErrnoException).code === "ENOENT" ? "no such file" : (error as Error).message, { file });
  }
  return parseCocoText(text, file);
}
