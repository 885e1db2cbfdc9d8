import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Evaluation } from "@singleshot/vision";

/** What a run wrote into metrics.jsonl. */
export interface RunMetrics {
  steps: { step: number; epoch: number; learningRate: number; losses: Record<string, number> }[];
  evaluations: { step: number; epoch: number; evaluation: Evaluation }[];
}

/** Reads a run's curves. A line that a killed run left unfinished is passed over; a run without the file has no curves. */
export function readMetrics(run: string): RunMetrics {
  const file = join(run, "metrics.jsonl");
  const metrics: RunMetrics = { steps: [], evaluations: [] };
  if (!existsSync(file)) return metrics;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const record = parsed(line);
    if (typeof record?.step !== "number" || typeof record.epoch !== "number") continue;
    const { step, epoch, learningRate, evaluation, ...rest } = record;
    if (evaluation) metrics.evaluations.push({ step, epoch, evaluation: evaluation as Evaluation });
    else metrics.steps.push({ step, epoch, learningRate: Number(learningRate), losses: numbersIn(rest) });
  }
  return metrics;
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const numbersIn = (record: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(record).filter((entry): entry is [string, number] => typeof entry[1] === "number"));

/** The evaluation with the highest mAP, as `best.pth` has it. */
export function bestEvaluation({ evaluations }: RunMetrics): RunMetrics["evaluations"][number] | undefined {
  return evaluations.reduce<RunMetrics["evaluations"][number] | undefined>(
    (best, one) => (best && (best.evaluation.map ?? 0) >= (one.evaluation.map ?? 0) ? best : one),
    undefined,
  );
}
