import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Gpus } from "../gpus/index.js";
import type { Check } from "./check.js";
import type { EngineReport } from "./engine-report.js";

const SLOW_GIGAFLOPS = 15;
const SETUP = "Run `npm run setup`; it says what it finds.";

/** libtorch is tried in a process of its own: what may crash there must not take the doctor along. */
export async function engineChecks(): Promise<Check[]> {
  const report = await engineReport();
  if (typeof report === "string") return [{ name: "libtorch", ok: false, found: report, fix: SETUP }];
  const { version, libraries, addon, threads, cores, gpus, problem, matmulGigaflops } = report;
  const checks: Check[] = [
    { name: "libtorch", ok: true, found: [version, libraries.libtorch].filter(Boolean).join(", ") },
    { name: "addon", ok: true, found: addon ? `loads, ${addon}` : "loads" },
    { name: "threads", ok: true, found: `${threads} of ${cores} cores` },
    gpuCheck(gpus),
  ];
  if (problem !== undefined) return [...checks, { name: "operators and gradients", ok: false, found: problem, fix: SETUP }];
  return [...checks, { name: "operators and gradients", ok: true, found: "right" }, speedCheck(matmulGigaflops!, libraries.blas)];
}

/** A machine without GPUs is in order. */
export function gpuCheck({ names, built }: Gpus): Check {
  const none = built ? "built with CUDA, but no GPU was found" : "none: this libtorch computes on the CPU alone";
  return { name: "GPUs", ok: true, found: names.length > 0 ? `${names.length}: ${names.join(", ")}` : none };
}

function speedCheck(gigaflops: number, blas: string | undefined): Check {
  const ok = gigaflops >= SLOW_GIGAFLOPS;
  const fix = "Slow, unless the machine is busy. On Debian: apt-get install libopenblas0-pthread";
  return { name: "matrix product", ok, found: [`${gigaflops} GFLOP/s`, blas].filter(Boolean).join(", "), ...(!ok && { fix }) };
}

/** What libtorch says of itself, or why it says nothing. */
async function engineReport(): Promise<EngineReport | string> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("./engine-report.js", import.meta.url))], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<string>((resolve) => child.on("close", (code, signal) => resolve(signal ?? `code ${code}`)));
  const [output, errors, how] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (how === "code 0") return JSON.parse(output) as EngineReport;
  const [reason] = /^\S*Error.*$/m.exec(errors) ?? [];
  return reason ?? `loading it ended with ${how}`;
}
