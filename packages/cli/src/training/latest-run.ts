import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "@singleshot/vision";

const RUNS = "runs";

/** The run in `runs/` that was worked on last. @throws InputError when there is none */
export function latestRun(): string {
  const names = existsSync(RUNS) ? readdirSync(RUNS) : [];
  const runs = names.map((name) => join(RUNS, name)).filter((run) => existsSync(join(run, "config.json")));
  const [latest] = runs.sort((a, b) => lastWrite(b) - lastWrite(a));
  if (latest === undefined) throw new InputError("no run lies in the folder runs", { file: "--resume", fix: "name the run: --resume RUN" });
  return latest;
}

function lastWrite(run: string): number {
  const files = ["config.json", "metrics.jsonl", join("checkpoints", "last.pth")].map((name) => join(run, name));
  return Math.max(...files.filter(existsSync).map((file) => statSync(file).mtimeMs));
}
