import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inspectFile } from "@singleshot/torch/inspect";

const CHECKPOINTS = ["last", "best", "best-loss"];

/** All that a run has come to: every tensor and number of its checkpoints, every byte of its metrics. Settings are none of it. */
export function outcome(run: string): Record<string, unknown> {
  const files = CHECKPOINTS.map((name) => [name, checkpoint(run, name)] as const);
  return { ...Object.fromEntries(files), metrics: readFileSync(join(run, "metrics.jsonl"), "utf8") };
}

/** Undefined where there is none. @throws InputError where it cannot be read whole */
function checkpoint(run: string, name: string) {
  const file = join(run, "checkpoints", `${name}.pth`);
  if (!existsSync(file)) return undefined;
  const { tensors, metadata } = inspectFile(file, { digests: true });
  return { tensors, numbers: [...metadata].filter(([key]) => key !== "recipe") };
}

/** Steps that are lost when a run goes on from its last checkpoint now. @throws InputError where a checkpoint cannot be read */
export function lostSteps(run: string): number {
  for (const name of CHECKPOINTS) checkpoint(run, name);
  const saved = checkpoint(run, "last")?.numbers.find(([key]) => key === "progress.globalStep")?.[1] ?? 0;
  const metrics = join(run, "metrics.jsonl");
  const lines = existsSync(metrics) ? readFileSync(metrics, "utf8").split("\n") : [];
  return lines.filter((line) => line.includes('"gradientNorm"')).length - Number(saved);
}

/** Files that a writer was killed in. */
export const stumps = (run: string): string[] => {
  const folder = join(run, "checkpoints");
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".tmp")) : [];
};
