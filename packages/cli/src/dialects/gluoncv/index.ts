import type { Command } from "commander";
import { system, trainingCommand } from "../program/index.js";
import { trainSsd } from "./train-ssd.js";

/** GluonCV's scripts/detection/ssd. */
export const gluoncv = (): Command =>
  system("gluoncv", {
    summary: "GluonCV's SSD: train_ssd",
    description: "The program of GluonCV's scripts/detection/ssd, with its own flags, files and log lines.",
    programs: [trainingCommand(trainSsd)],
  });
