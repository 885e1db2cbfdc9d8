import { type Environment, isSet, numberOf, type Said } from "./variables.js";

const USUAL = 29500; // torchrun's
const FIRST = 12_000;
const COUNT = 20_000; // below the ports that the system gives to connections

/** `MASTER_PORT`, or a port that comes from the variables that together are the job's number. */
export const portOf = (env: Environment, names: readonly [string, ...string[]]): Said =>
  isSet(env, "MASTER_PORT") ? numberOf(env, "MASTER_PORT", { because: "the rank", fix: "" }) : derivedPort(env, names);

/** A port that all processes derive from some variables without a word between them, and those of another job do not. */
export function derivedPort(env: Environment, names: readonly [string, ...string[]]): Said {
  const text = names.map((name) => env[name] ?? "").join(" ");
  return { value: text.trim() === "" ? USUAL : FIRST + (hash(text) % COUNT), by: names[0] };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c_9dc5;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0)!, 0x0100_0193) >>> 0;
  return value;
}
