import type { Recipe } from "@singleshot/detection/recipes";
import type { Picture } from "@singleshot/vision";
import { Command } from "commander";
import {
  collected,
  type DataFlags,
  datasetOption,
  isStandardOutput,
  jsonFile,
  jsonOption,
  readingOptions,
  repeatedDataOption,
  wholeNumber,
  writeJson,
} from "../options/index.js";
import { openTerminal, shellWord, type Terminal } from "../terminal/index.js";

const EXAMPLES = `
Examples:
  $ singleshot anchors show quickstart photo.jpg            draws them
  $ singleshot anchors check ssdlite320 --data photos       what can they find at best?
  $ singleshot anchors suggest ssdlite320 --data photos --out mine.json

Anchors are the boxes that a network begins with: from each it can move a little, no more. An object
that none of them overlaps well is hard to learn and hard to find. What counts is the
size that pictures have in use, where a recipe trains at others too (detector.trainingInput).`;

const SOURCE = ["<RECIPE|RUN>", "a recipe's name or file, or a run directory"] as const;

export function anchors(): Command {
  return new Command("anchors")
    .summary("show, check and find the anchors of a recipe")
    .description("Show the anchors of a recipe, check them against a data set, and find better ones.")
    .addCommand(show())
    .addCommand(check())
    .addCommand(suggest())
    .helpCommand(false)
    .addHelpText("after", EXAMPLES);
}

function show(): Command {
  return new Command("show")
    .summary("draw them")
    .description("Draw the anchors: for each feature map its cells, and the anchors of the cell in the middle.")
    .argument(...SOURCE)
    .argument("[PICTURE]", "what to draw them on (default: a grey one)")
    .option("--set <KEY=VALUE>", "any key of the recipe; may be repeated", collected)
    .option("--out <FILE>", "the picture that is written", "anchors.png")
    .addHelpText("after", "\nExamples:\n  $ singleshot anchors show quickstart examples/bccd/JPEGImages/BloodImage_00007.jpg")
    .action(async (source: string, picture: string | undefined, { set, out }: { set?: string[]; out: string }) => {
      const { openAnchors } = await import("../anchors/index.js");
      const [{ anchorSheet, canvasFor, describeMap, filledInput, mapAnchors }, { decodePicture, writePicture }] = await Promise.all([
        import("@singleshot/detection"),
        import("@singleshot/vision/node"),
      ]);
      const { recipe, gridsFor } = await openAnchors(source, { ...(set && { set }) });
      const { input, anchors } = recipe.detector;
      const image = picture === undefined ? greyPicture(canvasFor({ width: 4, height: 3 }, input)) : await decodePicture(picture);
      const canvas = canvasFor(image, input);
      const maps = mapAnchors(anchors, gridsFor, canvas);
      await writePicture(out, await anchorSheet(filledInput(image, input), maps, canvas));
      const { say } = openTerminal();
      for (const [i, map] of maps.entries()) say(`feature map ${i + 1}: ${describeMap(map)}`);
      say(`\nThe picture: ${out}`);
    });
}

function greyPicture({ width, height }: { width: number; height: number }): Picture {
  return { data: new Uint8Array(3 * width * height).fill(128), width, height };
}

interface CheckFlags extends DataFlags {
  split?: string;
  set?: string[];
  json?: string;
}

function check(): Command {
  return withData(new Command("check"))
    .summary("what can be found with them at best?")
    .description("Tell how many objects of a data set the anchors of a recipe can reach: the best possible recall, by size and class.")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  $ singleshot anchors check quickstart --data examples/bccd\n  $ singleshot anchors check runs/mine --data photos --json check.json",
    )
    .action(async (source: string, flags: CheckFlags) => {
      const terminal = openTerminal({ json: isStandardOutput(flags.json) });
      const { objects, gridsFor, options, split } = await opened(source, flags, terminal);
      const [{ checkAnchors, mapAnchors }, { checkText }] = await Promise.all([
        import("@singleshot/detection"),
        import("../anchors/index.js"),
      ]);
      const { anchors } = options.recipe.detector;
      const result = checkAnchors(objects, (canvas) => mapAnchors(anchors, gridsFor, canvas), options);
      terminal.say(`\n${checkText(result)}`);
      if (flags.json) writeJson(flags.json, { recipe: options.recipe.name, split, ...result });
    });
}

interface SuggestFlags extends CheckFlags {
  shapes?: number;
  seed: number;
  out?: string;
}

function suggest(): Command {
  return withData(new Command("suggest"))
    .summary("find better ones for a data set")
    .description("Find anchors that fit the objects of a data set (k-means over their shapes), and say how much they bring.")
    .option("--shapes <N>", "shapes over all feature maps (default: three a map)", wholeNumber("--shapes", { min: 1, max: 200 }))
    .option("--seed <N>", "another seed may find other shapes", wholeNumber("--seed", { min: 0 }), 0)
    .option("--out <FILE.json>", "the recipe with these anchors, as `train --recipe` takes it", jsonFile("--out"))
    .addOption(jsonOption())
    .addHelpText(
      "after",
      "\nExamples:\n  $ singleshot anchors suggest ssdlite320 --data photos --out mine.json\n  $ singleshot train --recipe mine.json --data photos",
    )
    .action(async (source: string, flags: SuggestFlags) => {
      const terminal = openTerminal({ json: isStandardOutput(flags.json) });
      const { objects, gridsFor, options } = await opened(source, flags, terminal);
      const [{ suggestAnchors }, { comparisonText }] = await Promise.all([import("@singleshot/detection"), import("../anchors/index.js")]);
      const { recipe, ...rest } = options;
      const { shapes: count, seed } = flags;
      const { kept, ...result } = suggestAnchors(objects, gridsFor, recipe.detector.anchors, { ...rest, seed, ...(count && { count }) });
      terminal.say(`\n${JSON.stringify({ detector: { anchors: { levels: result.anchors.levels } } })}\n`);
      terminal.say(comparisonText(result.before, result.after));
      if (kept.length > 0) terminal.say(`\nNo shape is large enough for ${mapsText(kept)}: what the recipe has there stays.`);
      if (flags.out) writeRecipe(flags.out, recipe, result.anchors, terminal);
      if (flags.json) writeJson(flags.json, { recipe: recipe.name, ...result });
    });
}

const mapsText = (numbers: readonly number[]) =>
  numbers.length === 1 ? `feature map ${numbers[0]}` : `feature maps ${numbers.join(", ")}`;

function writeRecipe(file: string, recipe: Recipe, anchors: Recipe["detector"]["anchors"], { say }: Terminal): void {
  writeJson(file, { ...recipe, name: `${recipe.name}-anchors`, detector: { ...recipe.detector, anchors } });
  say(`\nThe recipe: ${file}. To train with it:\n  npx singleshot train --recipe ${shellWord(file)} --data DIR`);
}

function withData(command: Command): Command {
  for (const option of readingOptions()) command.addOption(option);
  return command
    .argument(...SOURCE)
    .addOption(repeatedDataOption("the data set; may be repeated (default: where it was in the run's training)"))
    .addOption(datasetOption())
    .option("--split <S>", "which pictures (default: train, else trainval, else all)")
    .option("--set <KEY=VALUE>", "any key of the recipe; may be repeated", collected);
}

const EVERYWHERE = 0.5; // the overlap that is asked for in most papers

/** The objects of a data set beside the anchors of a recipe. */
async function opened(source: string, flags: CheckFlags, terminal: Terminal) {
  const { split: wanted, set } = flags;
  const [{ openAnchors }, { chooseSplit, dataSource, readSplit, sourceOfRun }, { isRun, readConfig, seenObjects }] = await Promise.all([
    import("../anchors/index.js"),
    import("../data/index.js"),
    import("@singleshot/detection"),
  ]);
  const data = isRun(source) ? sourceOfRun(readConfig(source).data, flags) : dataSource(flags);
  const split = chooseSplit(data, wanted, ["train", "trainval"]);
  const dataset = await readSplit(data, { split }, terminal);
  const { recipe, gridsFor } = await openAnchors(source, { ...(set && { set }) });
  const thresholds = [...new Set([EVERYWHERE, recipe.detector.matcher.foreground])];
  return {
    objects: seenObjects(dataset, recipe.detector.input),
    gridsFor,
    split,
    options: { recipe, classes: dataset.classes, thresholds },
  };
}
