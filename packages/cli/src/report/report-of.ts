import { readConfig, writeReport } from "@singleshot/detection";
import type { Device } from "@singleshot/torch";
import type { Dataset } from "@singleshot/vision";
import { chooseSplit, readSplit, sourceOfRun } from "../data/index.js";
import type { DataFlags } from "../options/index.js";
import type { Terminal } from "../terminal/index.js";

export interface ReportSources extends DataFlags {
  split?: string;
  score?: number;
  out?: string;
  /** Left out: the CPU. */
  device?: Device;
}

/** Makes the report of a run from its data set. @returns the page's file */
export async function reportOf(run: string, { split, score, out, device, ...flags }: ReportSources, terminal: Terminal): Promise<string> {
  const config = readConfig(run);
  const source = sourceOfRun(config.data, flags);
  const { classes } = config;
  const judged = chooseSplit(source, split, [config.recipe.evaluation.split, "test", "val"]);
  const train = await readSplit(source, { split: config.data.split || undefined, classes }, terminal);
  const sets = { train, ...(judged !== undefined && { evaluation: await readSplit(source, { split: judged, classes }, terminal) }) };
  return writeWithProgress(
    { run, data: sets, ...(score !== undefined && { score }), ...(out !== undefined && { out }), ...(device && { device }) },
    terminal,
  );
}

interface Sources {
  run: string;
  data: { train: Dataset; evaluation?: Dataset };
  score?: number;
  out?: string;
  device?: Device;
  signal?: AbortSignal;
}

/** The same from data that are read already. */
export async function writeWithProgress(sources: Sources, { progress }: Terminal): Promise<string> {
  const { file } = await writeReport({
    ...sources,
    onProgress: ({ done, total }) => progress.show(done / total, `report: ${done} of ${total} pictures`),
  });
  progress.clear();
  return file;
}
