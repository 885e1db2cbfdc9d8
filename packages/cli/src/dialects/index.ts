import type { Command } from "commander";
import { gluoncv } from "./gluoncv/index.js";
import { jetson } from "./jetson/index.js";
import { retinanet } from "./retinanet/index.js";
import { sparrow } from "./sparrow/index.js";
import { torchvision } from "./torchvision/index.js";

/** The five systems whose own command lines are understood. */
export const dialects = (): Command[] => [jetson(), torchvision(), gluoncv(), sparrow(), retinanet()];
