import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "@singleshot/base/atomic-file";
import { npyBytes, npyValues } from "./npy.js";

/** A line of metrics.jsonl. */
export type MetricsLine = Readonly<Record<string, unknown>>;

/** The number that a line adds to an array; undefined: none. */
export type HistoryValue = (line: MetricsLine) => number | undefined;

export interface HistoryArraysOptions {
  /** Where the files go; default: the run directory. */
  folder?: string;
  /** Begin with the numbers that files of these names have there already: of the training that this one goes on from. */
  goOn?: boolean;
}

/**
 * Keeps arrays of a run's numbers as `.npy` files, as the tutorial "RetinaNet from scratch" does. They are made of metrics.jsonl whenever
 * a checkpoint has been written and at the end, and so agree with it also after a run was killed and resumed.
 *
 * @param arrays name of the file → what goes into it: `{ "log.npy": ({ loss }) => loss }`
 * @throws InputError when the run starts, where it shall go on with a file that holds other than such an array
 */
export function historyArrays(arrays: Readonly<Record<string, HistoryValue>>, { folder, goOn = false }: HistoryArraysOptions = {}) {
  const rows = Object.entries(arrays).map(([name, number]) => ({ name, number, values: [] as number[] }));
  let root = "";
  let readBytes = 0;
  const write = () => {
    const { lines, end } = linesFrom(join(root, "metrics.jsonl"), readBytes);
    readBytes = end;
    for (const { name, number, values } of rows) {
      values.push(...lines.map(number).filter((value) => value !== undefined));
      writeFileAtomic(join(folder ?? root, name), npyBytes(values));
    }
  };
  return {
    started(run: { root: string }): void {
      root = run.root;
      readBytes = 0;
      for (const row of rows) row.values = goOn ? valuesIn(join(folder ?? root, row.name)) : [];
    },
    saved: write,
    ended: write,
  };
}

/** None where there is no such file. */
const valuesIn = (file: string): number[] => (existsSync(file) ? npyValues(readFileSync(file), file) : []);

/** The whole lines behind so many bytes of a file, and where they end. */
function linesFrom(file: string, from: number): { lines: MetricsLine[]; end: number } {
  const descriptor = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(fstatSync(descriptor).size - from);
    readSync(descriptor, bytes, 0, bytes.length, from);
    const end = bytes.lastIndexOf("\n") + 1;
    const lines = bytes.toString("utf8", 0, end).split("\n").slice(0, -1);
    return { lines: lines.map((line) => JSON.parse(line) as MetricsLine), end: from + end };
  } finally {
    closeSync(descriptor);
  }
}
