import { InputError } from "@singleshot/vision";
import { Command } from "commander";
import { htmlFile, isStandardOutput, jsonOption, writeJson } from "../options/index.js";
import { openTerminal } from "../terminal/index.js";

const EXAMPLES = `
Examples:
  $ singleshot compare runs/ssdlite320-1 runs/ssdlite320-2
  $ singleshot compare runs/* --out compare.html          with curves, as a page`;

export function compare(): Command {
  return new Command("compare")
    .summary("set runs side by side")
    .description("Set runs side by side: how good they are, in which classes, and what is set differently.")
    .argument("<RUN...>", "two run directories or more")
    .option("--out <FILE.html>", "as a page, with the curves", htmlFile("--out"))
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action(async (runs: string[], { out, json }: { out?: string; json?: string }) => {
      if (runs.length < 2) throw new InputError("one run alone compares with nothing", { fix: "name two or more" });
      const [{ comparePage, compareRuns }, { comparisonText }] = await Promise.all([
        import("@singleshot/detection"),
        import("../report/index.js"),
      ]);
      const { writeFileAtomic } = await import("@singleshot/base/atomic-file");
      const comparison = compareRuns(runs);
      const terminal = openTerminal({ json: isStandardOutput(json) });
      terminal.say(comparisonText(comparison));
      if (out !== undefined) {
        writeFileAtomic(out, comparePage(comparison));
        terminal.say(`\nThe page: ${out}`);
      }
      if (json) writeJson(json, { ...comparison, runs: comparison.runs.map(({ name, best }) => ({ name, best: best ?? null })) });
    });
}
