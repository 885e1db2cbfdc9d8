import type { Command } from "commander";
import { system, trainingCommand } from "../program/index.js";
import { train } from "./train.js";

/** torchvision's references/detection. */
export const torchvision = (): Command =>
  system("torchvision", {
    summary: "torchvision's references/detection: train",
    description: "The program of torchvision's references/detection, with its own flags, files and log lines.",
    programs: [trainingCommand(train)],
  });
