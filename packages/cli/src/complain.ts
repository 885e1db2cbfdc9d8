import { inspect } from "node:util";
import { worldOf } from "@singleshot/torch/world";
import { tellLauncher } from "./launch/index.js";
import { clearLine, prefixed } from "./terminal/index.js";

/** A rank that lost another one: its own end is a consequence. */
export const isLost = (error: unknown): boolean => (error as Error | undefined)?.name === "GroupFailure";

/** Says what a command ends with, on standard error: behind its number where several run together, and once where they were launched here. */
export function complain(error: unknown, problem: string | undefined): void {
  const text = problem ?? inspect(error);
  clearLine(process.stderr);
  tellLauncher({ failed: text, lost: isLost(error) }, () => console.error(prefixed(text, prefix())));
}

function prefix(): string {
  try {
    const world = worldOf(process.env);
    return world && world.rank > 0 ? `[${world.rank}] ` : "";
  } catch {
    return ""; // that may be what there is to complain of
  }
}
