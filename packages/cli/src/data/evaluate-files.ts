import { readFileSync } from "node:fs";
import {
  type Evaluation,
  evaluate,
  fromCocoResults,
  type ImageDetections,
  InputError,
  type Protocol,
  parseCocoText,
  readCocoResults,
} from "@singleshot/vision";
import type { Terminal } from "../terminal/index.js";

export interface FilesToEvaluate {
  detections: string;
  annotations: string;
  protocol: Protocol;
  iouThreshold?: number;
}

/** Evaluates detections of any origin: a COCO annotation file and a list of COCO results. */
export function evaluateFiles(
  { protocol, iouThreshold, ...files }: FilesToEvaluate,
  terminal: Terminal,
): { evaluation: Evaluation & { durationMs: number }; detections: ImageDetections[]; classes: string[] } {
  const start = performance.now();
  terminal.progress.show(0, `reading ${files.annotations} and ${files.detections}`);
  const annotations = parseCocoText(contentOf(files.annotations).toString(), files.annotations);
  const { groundTruth, detections, classes, notes } = fromCocoResults(
    annotations,
    readCocoResults(contentOf(files.detections), files.detections),
    files,
  );
  for (const note of notes) terminal.warn(note);
  const evaluation = evaluate(protocol, groundTruth, detections, { classes, ...(iouThreshold !== undefined && { iouThreshold }) });
  return { evaluation: { ...evaluation, durationMs: Math.round(performance.now() - start) }, detections, classes };
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(REASONS[code ?? ""] ?? message, { file });
  }
}

const REASONS: Record<string, string> = {
  ENOENT: "no such file",
  EISDIR: "a folder, not a file",
  ERR_FS_FILE_TOO_LARGE: "a file of 2 GB or more",
};
