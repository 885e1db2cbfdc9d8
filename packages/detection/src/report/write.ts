import { join } from "node:path";
import { writeFileAtomic } from "@singleshot/base/atomic-file";
import { type CollectOptions, collectReport } from "./collect.js";
import type { ReportData } from "./data.js";
import { reportPage } from "./html/index.js";

/** Makes a run's report: one page that needs nothing else. @returns where it lies, and what is in it */
export async function writeReport(options: CollectOptions & { out?: string }): Promise<{ file: string; data: ReportData }> {
  const { out = join(options.run, "report.html"), ...rest } = options;
  const data = await collectReport(rest);
  writeFileAtomic(out, reportPage(data));
  return { file: out, data };
}
