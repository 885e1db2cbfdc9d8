import type { PretrainingRecipe, Recipe } from "@singleshot/detection/recipes";
import { Command } from "commander";
import { isStandardOutput, jsonOption, writeJson } from "../options/index.js";
import { openTerminal } from "../terminal/index.js";

const EXAMPLES = `
Examples:
  $ singleshot recipes
  $ singleshot recipes ssdlite320 > mine.json   change it, then: train --recipe mine.json
  $ singleshot recipes mb1-ssd --reference      as the original does it, its errors included`;

interface RecipesFlags {
  json?: string;
  reference?: boolean;
}

export function listRecipes(): Command {
  return new Command("recipes")
    .summary("list the recipes that ship, or print one")
    .description("List the recipes that ship, or print one: all settings of a training run.")
    .argument("[NAME]", "prints this recipe as JSON, complete, as `train --recipe FILE` takes it")
    .option("--reference", "with NAME: what the original does where the recipe does better")
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action(async (name: string | undefined, { json = name === undefined ? undefined : "-", reference = false }: RecipesFlags) => {
      const { classifierRecipes, detectorRecipes, kindOfName, readRecipeOf } = await import("../recipe/index.js");
      if (name !== undefined) return writeJson(json!, readRecipeOf(kindOfName(name) ?? detectorRecipes, name, { reference }));
      const detectors = [...detectorRecipes.shipped.values()].map((recipe) => detectorRecipes.resolve(recipe, {}));
      const classifiers = [...classifierRecipes.shipped.values()].map((recipe) => classifierRecipes.resolve(recipe, {}));
      if (json) writeJson(json, [...detectors.map(shortRecord), ...classifiers.map(shortClassifier)]);
      if (isStandardOutput(json)) return;
      const blocks = [...detectors.map(describe), "For `singleshot pretrain`:", ...classifiers.map(describeClassifier)];
      openTerminal().say(blocks.join("\n\n"));
    });
}

function shortRecord({ name, description, source, expected, facts, detector, data, schedule }: Recipe) {
  const { epochs } = schedule;
  const { input, network } = detector;
  const known = { ...(expected && { expected }), ...(facts && { facts }) };
  return { name, description, source, network: network.name, ...known, input, batchSize: data.batchSize, epochs };
}

function describe({ name, description, source, expected, facts, detector, data, schedule, reference }: Recipe): string {
  const rows = [
    ["network", `${detector.network.name}${facts ? `, ${count(facts.parameters)} parameters with ${facts.classes} classes` : ""}`],
    ["input", `${inputText(detector.input)}${facts ? `, ${count(facts.anchors)} anchors` : ""}`],
    ["training", `${data.batchSize} pictures a step, ${schedule.epochs} epochs`],
    ["from", source],
    ...(expected ? [["published", publishedText(expected)]] : []),
    ...(reference ? [["--reference", `the original otherwise: ${Object.keys(reference).join(", ")}`]] : []),
  ];
  return [name, `  ${description}`, ...rows.map(([key, value]) => `  ${key}: ${value}`)].join("\n");
}

const publishedText = ({ map, on, protocol, by }: NonNullable<Recipe["expected"]>) =>
  `mAP ${map} % on ${on} (${protocol})${by ? `, by ${by}` : ""}`;

function shortClassifier({ name, task, description, source, classifier: { network, side }, data, schedule, steps }: PretrainingRecipe) {
  const length = steps === undefined ? { epochs: schedule.epochs } : { steps };
  return { name, task, description, source, network: network.name, side, batchSize: data.batchSize, ...length };
}

function describeClassifier({
  name,
  description,
  source,
  classifier: { network, side },
  data,
  schedule,
  steps,
}: PretrainingRecipe): string {
  const rows = [
    ["network", network.name],
    ["input", `${side} x ${side} pixels`],
    ["training", `${data.batchSize} pictures a step, ${steps === undefined ? `${schedule.epochs} epochs` : `${count(steps)} steps`}`],
    ["from", source],
  ];
  return [name, `  ${description}`, ...rows.map(([key, value]) => `  ${key}: ${value}`)].join("\n");
}

const count = (value: number) => value.toLocaleString("en");

function inputText(input: Recipe["detector"]["input"]): string {
  if (input.resize === "sides") return `short side ${input.shortSides.join(" or ")}, long side at most ${input.longSide} pixels`;
  return `${input.width} x ${input.height} pixels${input.resize === "letterbox" ? ", aspect ratio kept" : ""}`;
}
