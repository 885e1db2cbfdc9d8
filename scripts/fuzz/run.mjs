import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("child.mjs", import.meta.url));
const CHUNK = 5000; // trials of one process
const HANGS_MS = 120_000; // of silence: a busy machine takes its time

/** All trials of a target. A process that dies or hangs is one failure, and the next begins behind its trial. */
export async function runTarget(target, { index, seed, trials, folder }) {
  const row = {
    format: target.format,
    what: target.what,
    trials,
    refused: 0,
    died: 0,
    slowestMs: 0,
    mostBytes: 0,
    seconds: 0,
    failures: [],
  };
  const start = performance.now();
  for (let from = 0; from < trials; ) {
    const to = Math.min(from + CHUNK, trials);
    const { result, last, reason } = await runChild({ index, seed, from, to, folder });
    if (result) add(row, result);
    else {
      row.died++;
      row.failures.push(`trial ${last} of seed ${seed}: ${reason}`);
    }
    from = result ? to : last + 1;
    if (process.stderr.isTTY) process.stderr.write(`\r${target.format}, ${target.what}: ${from} of ${trials} \u001b[K`);
  }
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  return { ...row, seconds: Math.round((performance.now() - start) / 1000) };
}

function add(row, { refused, slowestMs, mostBytes, failures }) {
  row.refused += refused;
  row.slowestMs = Math.max(row.slowestMs, slowestMs);
  row.mostBytes = Math.max(row.mostBytes, mostBytes);
  row.failures.push(...failures);
}

/** @returns the result, or the trial at which the process ended and why */
function runChild(job) {
  return new Promise((resolve) => {
    const child = fork(CHILD, [JSON.stringify(job)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    let last = job.from;
    let result;
    let hung = false;
    const hang = () => {
      hung = true;
      child.kill("SIGKILL");
    };
    let watchdog = setTimeout(hang, HANGS_MS);
    child.on("message", (message) => {
      clearTimeout(watchdog);
      watchdog = setTimeout(hang, HANGS_MS);
      if (message.result) result = message.result;
      else last = message.trial;
    });
    child.on("exit", (code, signal) => {
      clearTimeout(watchdog);
      resolve({ result, last, reason: hung ? `hangs for ${HANGS_MS / 1000} s` : `ended the process (${signal ?? `exit code ${code}`})` });
    });
  });
}

/** A row of the table. */
export function countsOf({ format, what, trials, refused, died, slowestMs, mostBytes, seconds, failures }) {
  const bad = failures.length;
  return {
    ...{ format, what, trials, read: trials - refused - bad, refused, failures: bad, "of them crashes": died },
    "slowest, CPU ms": Math.round(slowestMs),
    "most memory, MB": Math.round(mostBytes / 2 ** 20),
    seconds,
  };
}
