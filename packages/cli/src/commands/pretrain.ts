import type { ClassificationResult, PretrainResult } from "@singleshot/detection";
import type { PretrainingRecipe } from "@singleshot/detection/recipes";
import { table } from "@singleshot/vision";
import { Command } from "commander";
import {
  chooseDevice,
  collected,
  datasetOption,
  deviceOption,
  isStandardOutput,
  jsonOption,
  labelsOption,
  readWorld,
  saveEveryOption,
  threadCount,
  wholeNumber,
  worldOptions,
  writeJson,
} from "../options/index.js";
import { openTerminal, pretrainingProgress, shellWord, type Terminal, tellWorld } from "../terminal/index.js";
import type { Plan, TrainFlags } from "../training/index.js";

const EXAMPLES = `
Examples:
  $ singleshot data convert photos --to folder --out crops       objects cut out, a folder a class
  $ singleshot pretrain --recipe classifier-small --data crops
  $ singleshot pretrain --recipe classifier-small --data crops --network resnet50 --epochs 40
  $ singleshot pretrain --recipe retinanet-scratch-extractor --data imagenet
  $ singleshot pretrain --recipe classifier-small --data crops --eval-data other-crops
  $ singleshot pretrain --resume runs/classifier-small-1         after Ctrl-C, a crash, a power cut

Then a detector starts from it:
  $ singleshot train --recipe retinanet-scratch --data photos --backbone RUN/checkpoints/best.pth

DIR has a folder of pictures for each class, or such folders in train/ and val/. All that can be
set stands in the recipe: \`singleshot recipes classifier-small\`. A resumed run ends with the same
weights as one that never stopped, given the same number of threads.`;

interface PretrainFlags extends TrainFlags {
  json?: string;
}

export function pretrain(): Command {
  const command = new Command("pretrain")
    .summary("train a classifier, for a detector to start from")
    .description("Train a classifier on pictures of one class each; a detector may start from its weights.")
    .option("--recipe <NAME|FILE>", "what to train and how: see `singleshot recipes`")
    .option("--data <DIR...>", "the pictures; several sets are one, their classes matched by name")
    .addOption(datasetOption())
    .option("--split <S>", "what to train on (default: train, else all)")
    .option("--eval-data <DIR...>", "another data set to evaluate on; its classes are those of --data")
    .option("--eval-split <S>", "what to evaluate on (default: the recipe's, else test, else val)")
    .addOption(labelsOption())
    .option("--out <RUN>", "the run directory (default: runs/RECIPE-N)")
    .option("--epochs <N>", "times through the data", wholeNumber("--epochs", { min: 1 }))
    .option("--steps <N>", "instead: optimizer steps", wholeNumber("--steps", { min: 1 }))
    .option("--network <NAME>", "another network than the recipe's: vgg16, mobilenet-v2, resnet50, ...")
    .option("--batch-size <N>", "pictures a step", wholeNumber("--batch-size", { min: 1 }))
    .option("--workers <N>", "threads that read pictures; changes no number", threadCount("--workers"))
    .addOption(deviceOption())
    .option("--threads <N>", "threads that compute (default: all cores)", threadCount("--threads"))
    .option("--sync-bn", "batch norm over the pictures of all processes, where several train together")
    .option("--seed <N>", "another seed: other first weights, order and augmentation", wholeNumber("--seed", { min: 0 }))
    .option("--weights <FILE>", "a classifier's weights to start from (.pth, .safetensors)")
    .addOption(saveEveryOption())
    .option("--set <KEY=VALUE>", "any key of the recipe; may be repeated", collected)
    .option("--resume [RUN]", "go on with a run (default: the latest); all settings come from it")
    .option("--replay <FILE>", "repeat a step in which a number was not finite, picture by picture")
    .addOption(jsonOption())
    .addHelpText("after", EXAMPLES)
    .action(runPretraining);
  for (const option of worldOptions()) command.addOption(option);
  return command;
}

async function runPretraining(flags: PretrainFlags): Promise<void> {
  const world = readWorld(flags);
  const terminal = openTerminal({ json: isStandardOutput(flags.json), world });
  if (flags.replay !== undefined) return showReplay(flags.replay, terminal);
  const [{ howToGoOn, planPretraining, readData, tellInterruption, untilInterrupted }, { tellFormats }] = await Promise.all([
    import("../training/index.js"),
    import("../data/index.js"),
  ]);
  const plan = await planPretraining(flags);
  if (world) tellWorld(world, flags.threads, terminal);
  const device = await chooseDevice(flags, terminal, world);
  tellFormats(plan.data, flags, terminal);
  if (plan.evaluationData) tellFormats(plan.evaluationData, flags, terminal);
  const data = await readData(plan, terminal);
  const { pretrain, pretrainingTensorBoard, tutorialArrays } = await import("@singleshot/detection");
  const { signal, release } = untilInterrupted(terminal);
  terminal.say(`\n${plan.resume ? "going on with" : "the run is"} ${plan.out}; Ctrl-C saves and stops\n`);
  const { recipe, out, resume } = plan;
  const everySteps = recipe.evaluation.probeEverySteps;
  const arrays = everySteps === undefined ? [] : [tutorialArrays({ everySteps })];
  const observers = [pretrainingProgress(terminal), pretrainingTensorBoard(), ...arrays];
  const result = await pretrain({
    ...{ recipe, data, out, resume, device, signal, observers },
    ...(world && { world }),
    ...(flags.threads && { threads: flags.threads }),
  });
  if (result.stoppedEarly) terminal.say(`\nStopped early: no evaluation was better for ${recipe.training.earlyStopping?.patience} epochs.`);
  if (result.interrupted) tellInterruption(result, howToGoOn({ ...flags, command: "pretrain", out, world }), terminal);
  else await tellTheEnd(plan, result, terminal);
  if (flags.json && !terminal.quiet) writeJson(flags.json, record(plan, result));
  release();
}

/** The step again, and each of its pictures alone. */
async function showReplay(file: string, { say }: Terminal): Promise<void> {
  const { replayPretraining } = await import("@singleshot/detection");
  const { epoch, step, learningRate, losses, gradientNorm, notFinite, pictures } = replayPretraining(file);
  const rate = `learning rate ${learningRate.toPrecision(3)}`;
  say(`Step ${step} of epoch ${epoch}, ${rate}, ${pictures.length} pictures: loss ${losses.loss.toPrecision(4)}`);
  say(`The norm of its gradients is ${gradientNorm.toPrecision(4)}. Not finite: ${notFinite.join(", ") || "nothing but the loss"}.\n`);
  say("Each picture alone:");
  for (const { file: picture, loss } of pictures) say(`  ${picture}: loss ${loss.toPrecision(4)}`);
}

const weightsOf = ({ out }: Plan<PretrainingRecipe>, { progress }: PretrainResult) =>
  `${out}/checkpoints/${progress.best ? "best" : "last"}.pth`;

async function tellTheEnd(plan: Plan<PretrainingRecipe>, result: PretrainResult, { say }: Terminal): Promise<void> {
  const { recipeStartingFrom } = await import("@singleshot/detection");
  const { best } = result.progress;
  if (result.last) say(`\n${summary(result.last)}\n`);
  if (best) say(`Best: epoch ${best.epoch}, top-1 ${best.value.toFixed(3)}.`);
  say(`The weights: ${weightsOf(plan, result)}`);
  const recipe = recipeStartingFrom(plan.recipe.classifier.network.name);
  say(`\nNext:\n  npx singleshot train --recipe ${recipe} --data PHOTOS --backbone ${shellWord(weightsOf(plan, result))}`);
}

function summary({ top1, top5, loss, classes, images }: ClassificationResult): string {
  const rows = classes.map(({ name, accuracy, pictures }) => [name, accuracy === null ? "-" : accuracy.toFixed(3), String(pictures)]);
  const shares = [`top-1 ${top1.toFixed(3)}`, ...(top5 === null ? [] : [`top-5 ${top5.toFixed(3)}`]), `loss ${loss.toFixed(3)}`];
  return `${table([["class", "accuracy", "pictures"], ...rows])}\n\n${shares.join(", ")} on ${images} pictures`;
}

/** The result as JSON. */
function record(plan: Plan<PretrainingRecipe>, result: PretrainResult) {
  const { interrupted, stoppedEarly, progress, last } = result;
  const { best, bestLoss, epoch, globalStep } = progress;
  return {
    ...{ run: plan.out, weights: weightsOf(plan, result), interrupted, stoppedEarly },
    ...{ epochs: epoch, steps: globalStep, best, bestLoss },
    evaluation: last ?? null,
  };
}
