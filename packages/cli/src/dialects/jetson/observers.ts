import type { TrainingObserver } from "@singleshot/detection";
import type { Recipe } from "@singleshot/detection/recipes";
import { type Observed, observerOf } from "../program/index.js";
import { trainFiles } from "./files.js";
import { logger, trainLog } from "./log.js";
import { trainCurves } from "./tensorboard.js";
import type { TrainSsdFlags } from "./train-ssd.js";

/** The log, the files and the curves of train_ssd.py. */
export function observers({ flags, folder, recipe, train, evaluation, say, device }: Observed<TrainSsdFlags>): TrainingObserver[] {
  const { debugSteps, net, logLevel } = flags;
  const log = logger(logLevel, say);
  const [start, frozen] = [startText(flags, recipe.training), frozenText(flags)];
  const told = {
    flags,
    folder,
    debugSteps,
    onGpu: device.startsWith("cuda"),
    train,
    evaluation,
    ...(start && { start }),
    ...(frozen && { frozen }),
  };
  return [trainLog(log, told), trainCurves(folder), trainFiles({ folder, net, log })].map(observerOf);
}

function startText({ resume }: TrainSsdFlags, { backbone, weights }: Recipe["training"]): string | undefined {
  if (resume) return `Resuming from the model ${resume}`;
  if (backbone) return `Init from base net ${backbone}`;
  return weights && `Init from pretrained SSD ${weights}`;
}

function frozenText({ freezeBaseNet, freezeNet }: TrainSsdFlags): string | undefined {
  if (freezeBaseNet) return "Freeze base net.";
  return freezeNet ? "Freeze all the layers except prediction heads." : undefined;
}
