import type { Environment, Said } from "./variables.js";

/** What a launcher has told a process; nothing of it is checked against the rest. */
export interface Told {
  launcher: string;
  rank: Said;
  localRank: Said;
  localSize: Said;
  masterAddress: string;
  masterPort: Said;
  threads?: number;
}

/** How a launcher is recognised, and what its variables say. The functions throw InputErrors where one is missing or no number. */
export interface Launcher {
  started(env: Environment): boolean;
  /** How many processes there are; of a single one nothing more is asked. */
  size(env: Environment): Said;
  read(env: Environment, size: Said): Told;
}
