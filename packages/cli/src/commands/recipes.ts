import type { Recipe } from "@singleshot/detection/recipes";
import { Command } from "commander";
import { isStandardOutput, jsonOption, writeJson } from "../options/index.js";
import { openTerminal } from "../terminal/index.js";

const EXAMPLES = `
Examples:
  $ singleshot recipes
  $ singleshot recipes ssdlite320 > mine.json   change it, then: train --recipe mine.json`;

export function listRecipes(): Command {
  return new Command("recipes")
    .summary("list the recipes that ship, or print one")
    .description("List the recipes that ship, or print one: all settings of a training run.")
    .argument("[NAME]", "prints this recipe as JSON, complete, as `train --recipe FILE` takes it")
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action(async (name: string | undefined, { json = name === undefined ? undefined : "-" }: { json?: string | undefined }) => {
      const { recipes, resolveRecipe } = await import("@singleshot/detection/recipes");
      const { readRecipe } = await import("../recipe/index.js");
      if (name !== undefined) return writeJson(json!, await readRecipe(name));
      const all = [...recipes.values()].map((recipe) => resolveRecipe(recipe));
      if (json) writeJson(json, all.map(shortRecord));
      if (!isStandardOutput(json)) openTerminal().say(all.map(describe).join("\n\n"));
    });
}

function shortRecord({ name, description, source, expected, detector, data, schedule }: Recipe) {
  const { epochs } = schedule;
  return { name, description, source, ...(expected && { expected }), input: detector.input, batchSize: data.batchSize, epochs };
}

function describe({ name, description, source, expected, detector, data, schedule }: Recipe): string {
  const { width, height } = detector.input;
  const rows = [
    ["input", `${width} x ${height} pixels, ${data.batchSize} pictures a step, ${schedule.epochs} epochs`],
    ["from", source],
    ...(expected ? [["expected", `mAP ${expected.map} % on ${expected.on} (${expected.protocol})`]] : []),
  ];
  return [name, `  ${description}`, ...rows.map(([key, value]) => `  ${key}: ${value}`)].join("\n");
}
