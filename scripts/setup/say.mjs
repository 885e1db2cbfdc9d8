import { spawn, spawnSync } from "node:child_process";
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

/** The user has something to do first: the program prints the message alone and ends with exit code 2. */
export class NeedsYou extends Error {}

/** One line of progress: what, then how it stands. */
export function say(what, text) {
  console.log(`  ${what.padEnd(12)} ${text}`);
}

/** Seconds as a person says them: "0.4 s", "12 s", "3 min 20 s". */
export function duration(ms) {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** The whole output of a short command, or undefined where the command is missing or fails. */
export function ask(command, args, { env = process.env } = {}) {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8", env, stdio: ["ignore", "pipe", "ignore"] });
  return status === 0 ? stdout : undefined;
}

export const exists = (command) => ask("sh", ["-c", `command -v ${command}`]) !== undefined;

/**
 * Runs a long command with its output in a log file; a terminal sees the seconds pass.
 * @returns milliseconds it took
 * @throws Error with the last lines of the log when the command fails
 */
export function run(what, [command, ...args], { log, cwd, env = process.env, interactive = false }) {
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, "a");
  const begin = fstatSync(file).size;
  const start = Date.now();
  const child = spawn(command, args, { cwd, env, stdio: [interactive ? "inherit" : "ignore", file, interactive ? "inherit" : file] });
  const clock = process.stdout.isTTY && !interactive ? setInterval(() => showClock(what, command, start), 1000) : undefined;
  return new Promise((resolve, reject) => {
    const end = (problem) => {
      clearInterval(clock);
      if (clock) process.stdout.write("\r\x1b[K");
      closeSync(file);
      problem ? reject(new Error(problem)) : resolve(Date.now() - start);
    };
    child.on("error", (error) => end(`${command} could not be started: ${error.message}`));
    child.on("close", (code) => end(code === 0 ? undefined : failure([command, ...args], code, { log, begin })));
  });
}

function showClock(what, command, start) {
  process.stdout.write(`\r  ${what.padEnd(12)} ${command} is running, ${duration(Date.now() - start)}\x1b[K`);
}

function failure(command, code, { log, begin }) {
  const last = readFileSync(log).subarray(begin).toString("utf8").trimEnd().split("\n").slice(-25);
  return `"${command.join(" ")}" ended with ${code}. Its last lines (more may be in ${log}):\n\n${last.join("\n")}`;
}
