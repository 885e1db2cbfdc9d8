import { type Environment, isSet, numberOf, type Said } from "./variables.js";

const USUAL = 29500; // torchrun's
const FIRST = 12_000;
const COUNT = 20_000; // below the ports that the system gives to connections

/**
 * `MASTER_PORT`, or a port that all processes of a job derive from its number without a word between them, and another job on the same
 * host does not.
 *
 * @param names variables that together are the job's number
 */
export function portOf(env: Environment, names: readonly string[]): Said {
  if (isSet(env, "MASTER_PORT")) return numberOf(env, "MASTER_PORT", { because: "the rank", fix: "" });
  const job = names.map((name) => env[name] ?? "").join(" ");
  return { value: job.trim() === "" ? USUAL : FIRST + (hash(job) % COUNT), by: names[0] ?? "MASTER_PORT" };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c_9dc5;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0)!, 0x0100_0193) >>> 0;
  return value;
}
