import { Command } from "commander";
import { check } from "./check.js";
import { convertCommand } from "./convert.js";
import { download } from "./download.js";
import { show } from "./show.js";
import { split } from "./split.js";
import { stats } from "./stats.js";
import { subset } from "./subset.js";
import { synth } from "./synth.js";

const EXAMPLES = `
Examples:
  $ singleshot data check photos                       what is wrong with it?
  $ singleshot data show photos                        draw some pictures with their boxes
  $ singleshot data split photos                       divide it into train, val and test
  $ singleshot data convert photos --to coco --out photos-coco

Read and written are Pascal VOC (voc), COCO (coco), Open Images (openimages), YOLO (yolo), list
files (list) and a folder for each class (folder).`;

export function data(): Command {
  const command = new Command("data")
    .summary("check, divide, convert and draw data sets")
    .description("Check, divide, convert, draw and make data sets.")
    .usage("[options] COMMAND")
    .helpCommand(false)
    .addHelpText("after", EXAMPLES);
  for (const one of [check(), stats(), show(), split(), convertCommand(), subset(), download(), synth()]) command.addCommand(one);
  return command;
}
