import type { Command } from "commander";
import { commandOf, system, trainingCommand } from "../program/index.js";
import { anchors } from "./anchors.js";
import { pretrain } from "./pretrain.js";
import { show } from "./show.js";
import { showBbox } from "./show-bbox.js";
import { train } from "./train.js";

/** The pages of the tutorial "RetinaNet from scratch" as programs. */
export const retinanet = (): Command =>
  system("retinanet", {
    summary: "RetinaNet from scratch: pretrain, train, show, show_bbox, anchors",
    description: "The pages of the tutorial RetinaNet from scratch as programs, with their own constants, files and lines.",
    programs: [commandOf(pretrain), trainingCommand(train), commandOf(show), commandOf(showBbox), commandOf(anchors)],
  });
