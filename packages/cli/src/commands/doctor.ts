import { Command } from "commander";
import type { Check } from "../doctor/index.js";
import { EXIT } from "../exit-codes.js";
import { isStandardOutput, jsonOption, writeJson } from "../options/index.js";
import { openTerminal, type Terminal } from "../terminal/index.js";

const EXAMPLES = `
Examples:
  $ singleshot doctor
  $ singleshot doctor --json     to put into a report of a problem`;

export function doctor(): Command {
  return new Command("doctor")
    .summary("check that all is in order here")
    .description("Check that all is in order here: Node, libtorch, pictures, speed, room.")
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action(async ({ json }: { json?: string }) => {
      const { examine } = await import("../doctor/index.js");
      const terminal = openTerminal({ json: isStandardOutput(json) });
      const checks: Check[] = [];
      for await (const check of examine()) {
        checks.push(check);
        tell(check, terminal);
      }
      const ok = checks.every((check) => check.ok);
      if (json) writeJson(json, { ok, checks });
      terminal.say(ok ? "\nAll is in order." : "\nNot all is in order.");
      if (!ok) process.exitCode = EXIT.input;
    });
}

function tell({ name, ok, found, fix }: Check, { say, style }: Terminal): void {
  say(`${ok ? style.green("ok   ") : style.red("wrong")} ${name}: ${found}`);
  if (fix !== undefined) say(`      ${fix}`);
}
