import type { Command } from "commander";
import { dialects } from "../dialects/index.js";
import { anchors } from "./anchors.js";
import { compare } from "./compare.js";
import { data } from "./data/index.js";
import { doctor } from "./doctor.js";
import { evaluate } from "./eval.js";
import { exportModel } from "./export.js";
import { inspect } from "./inspect.js";
import { launch } from "./launch.js";
import { predict } from "./predict.js";
import { pretrain } from "./pretrain.js";
import { listRecipes } from "./recipes.js";
import { report } from "./report.js";
import { serve } from "./serve.js";
import { train } from "./train.js";
import { weights } from "./weights.js";

/** Every command, in the order of the help. */
export const commands = (): Command[] => [
  train(),
  pretrain(),
  launch(),
  evaluate(),
  predict(),
  serve(),
  report(),
  compare(),
  exportModel(),
  anchors(),
  data(),
  inspect(),
  listRecipes(),
  weights(),
  doctor(),
  ...dialects(),
];
