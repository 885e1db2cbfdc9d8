import type { Command } from "commander";
import { commandOf, system, trainingCommand } from "../program/index.js";
import { infer } from "./infer.js";
import { makeCoco2017ForSsdlite } from "./make-coco2017-for-ssdlite.js";
import { train } from "./train.js";

/** MobileSparrow's notebook and its script. */
export const sparrow = (): Command =>
  system("sparrow", {
    summary: "MobileSparrow's SSDLite: train, infer, make_coco2017_for_ssdlite",
    description: "MobileSparrow's training notebook and its script, with their own constants, files and log lines.",
    programs: [trainingCommand(train), commandOf(infer), commandOf(makeCoco2017ForSsdlite)],
  });
