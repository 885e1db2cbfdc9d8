import type { TrainResult } from "@singleshot/detection";
import type { Device } from "@singleshot/torch";
import { summary } from "@singleshot/vision";
import { Command } from "commander";
import {
  annotationsOption,
  chooseDevice,
  collected,
  datasetOption,
  deviceOption,
  imagesOption,
  labelsOption,
  readingOptions,
  readWorld,
  saveEveryOption,
  threadCount,
  wholeNumber,
  worldOptions,
} from "../options/index.js";
import { openTerminal, shellWord, type Terminal, tellWorld, trainingProgress } from "../terminal/index.js";
import type { Plan, TrainFlags, TrainingData } from "../training/index.js";

const EXAMPLES = `
Examples:
  $ singleshot train --recipe ssdlite320-small --data photos
  $ singleshot train --recipe ssdlite320-small --data photos --epochs 80 --set data.augmentation=ssd
  $ singleshot train --recipe ssd300-vgg16 --data photos --backbone vgg16_features.pth
  $ singleshot train --recipe ssd300-vgg16 --data photos --weights SSD300_VGG16_Weights.COCO_V1
  $ singleshot train --recipe mine.json --data photos --set optimizer.learningRate=0.01
  $ singleshot train --resume runs/ssdlite320-small-1             after Ctrl-C, a crash, a power cut
  $ singleshot train --resume runs/ssdlite320-small-1 --epochs 99 train longer
  $ singleshot train --recipe ssd300-vgg16 --data photos --resume torchvision/checkpoint.pth

DIR is in the format of Pascal VOC, COCO, Open Images or YOLO, or has list files or a folder for
each class; which it is, is recognised.
A recipe FILE is a whole recipe (\`singleshot recipes NAME\` prints one), a run's config.json, or
{ "extends": NAME, ... } with what is different. A resumed run ends with the same weights as one
that never stopped, given the same number of threads.`;

export function train(): Command {
  const epochs = wholeNumber("--epochs", { min: 1 });
  const command = new Command("train")
    .summary("train a detector")
    .description("Train a detector. The run directory holds all of it: settings, weights, numbers, curves.")
    .option("--recipe <NAME|FILE>", "what to train and how: see `singleshot recipes`")
    .option("--data <DIR...>", "the data set; several are one, their classes matched by name")
    .addOption(datasetOption())
    .option("--split <S>", "what to train on (default: train, else trainval, else all)")
    .option("--eval-split <S>", "what to evaluate on (default: the recipe's, else test, else val)")
    .addOption(annotationsOption())
    .addOption(imagesOption())
    .addOption(labelsOption())
    .option("--out <RUN>", "the run directory (default: runs/RECIPE-N)")
    .option("--epochs <N>", "times through the data", epochs)
    .option("--batch-size <N>", "pictures a step", wholeNumber("--batch-size", { min: 1 }))
    .option("--workers <N>", "threads that read pictures; changes no number", threadCount("--workers"))
    .addOption(deviceOption())
    .option("--threads <N>", "threads that compute (default: all cores)", threadCount("--threads"))
    .option("--sync-bn", "batch norm over the pictures of all processes, where several train together")
    .option("--seed <N>", "another seed: other first weights, order and augmentation", wholeNumber("--seed", { min: 0 }))
    .option("--backbone <FILE>", "weights of a classifier that the backbone starts from (.pth, .safetensors)")
    .option("--weights <FILE|NAME>", "a detector's weights to start from (.pth, .safetensors, a run); classes of the same name keep theirs")
    .option("--reference", "what the original does where the recipe does better, to compare with it")
    .option("--set <KEY=VALUE>", "any key of the recipe; may be repeated", collected)
    .addOption(saveEveryOption())
    .option("--no-report", "make no page at the end that shows how good it is: see `singleshot report`")
    .option("--resume [RUN]", "go on with a run (default: the latest); all settings come from it")
    .option("--replay <FILE>", "repeat a step in which a number was not finite, picture by picture")
    .addHelpText("after", EXAMPLES)
    .action(runTraining);
  for (const option of [...readingOptions(), ...worldOptions()]) command.addOption(option);
  return command;
}

async function runTraining(flags: TrainFlags): Promise<void> {
  const world = readWorld(flags);
  const terminal = openTerminal({ world });
  if (flags.replay !== undefined) return showReplay(flags.replay, terminal);
  const [{ howToGoOn, planRun, readData, tellInterruption, untilInterrupted }, { dataFlags, tellFormats }] = await Promise.all([
    import("../training/index.js"),
    import("../data/index.js"),
  ]);
  const plan = await planRun(flags);
  if (world) tellWorld(world, flags.threads, terminal);
  const device = await chooseDevice(flags, terminal, world);
  if (plan.note) terminal.note(plan.note);
  tellFormats(plan.data, flags, terminal);
  const data = await readData(plan, terminal);
  const { train, tensorBoard } = await import("@singleshot/detection");
  const { signal, release } = untilInterrupted(terminal);
  terminal.say(`\n${plan.resume ? "going on with" : "the run is"} ${plan.out}; Ctrl-C saves and stops\n`);
  const observers = [trainingProgress(terminal), tensorBoard()];
  const { recipe, out, resume, from } = plan;
  const result = await train({
    ...{ recipe, data, out, resume, device, signal, observers },
    ...(world && { world }),
    ...(from !== undefined && { from }),
    ...(flags.threads && { threads: flags.threads }),
  });
  if (result.stoppedEarly) terminal.say(`\nStopped early: no evaluation was better for ${recipe.training.earlyStopping?.patience} epochs.`);
  if (result.interrupted) tellInterruption(result, howToGoOn({ ...flags, command: "train", out, world }), terminal);
  else {
    tellTheEnd(plan, result, terminal);
    if (flags.report && !terminal.quiet) await tellReport(plan, { data, device, signal }, terminal);
    tellWhatIsNext(plan, dataFlags(plan.data), terminal);
  }
  release();
}

/** The step again, and each of its pictures alone. */
async function showReplay(file: string, { say }: Terminal): Promise<void> {
  const { replay } = await import("@singleshot/detection");
  const { epoch, step, learningRate, losses, gradientNorm, notFinite, pictures } = replay(file);
  const numbers = (values: { classification: number; regression: number }) =>
    `classification ${values.classification.toPrecision(4)}, regression ${values.regression.toPrecision(4)}`;
  say(`Step ${step} of epoch ${epoch}, learning rate ${learningRate.toPrecision(3)}, ${pictures.length} pictures: ${numbers(losses)}`);
  say(`The norm of its gradients is ${gradientNorm.toPrecision(4)}. Not finite: ${notFinite.join(", ") || "nothing but the loss"}.\n`);
  say("Each picture alone:");
  for (const { file: picture, boxes, ...own } of pictures) say(`  ${picture}: ${boxes} boxes, ${numbers(own)}`);
}

function tellTheEnd({ recipe, out }: Plan, { progress, last }: TrainResult, { say }: Terminal): void {
  const { epochs } = recipe.schedule;
  const run = shellWord(out);
  const { best, bestLoss } = progress;
  if (last?.evaluation) say(`\n${summary(last.evaluation)}\n`);
  else say(`All ${epochs} epochs are done; \`--resume ${run} --epochs N\` with a larger N goes on.\n`);
  if (best) say(`Best: epoch ${best.epoch}, mAP ${best.value.toFixed(3)}. Its weights: ${out}/checkpoints/best.pth`);
  else if (bestLoss)
    say(`Best: epoch ${bestLoss.epoch}, validation loss ${bestLoss.value.toFixed(3)}. Its weights: ${out}/checkpoints/best.pth`);
  else say(`The weights: ${out}/checkpoints/last.pth`);
}

/** What a report is made from, beside the run. */
interface Judged {
  data: TrainingData;
  device: Device;
  signal: AbortSignal;
}

/** What has been trained stays, whatever becomes of its report. */
async function tellReport({ out }: Plan, from: Judged, terminal: Terminal): Promise<void> {
  const { writeWithProgress } = await import("../report/index.js");
  try {
    terminal.say(`The report: ${await writeWithProgress({ run: out, ...from }, terminal)}`);
  } catch (error) {
    const reason = from.signal.aborted ? "it was stopped" : (error as Error).message.split("\n")[0];
    terminal.warn(`There is no report: ${reason}. To make it: npx singleshot report ${shellWord(out)}`);
  }
}

function tellWhatIsNext({ out, evaluationSplit }: Plan, data: string, { say }: Terminal): void {
  const run = shellWord(out);
  const split = evaluationSplit === undefined ? "" : ` --split ${shellWord(evaluationSplit)}`;
  say("\nNext:");
  if (split) say(`  npx singleshot eval ${run} ${data}${split}`);
  say(`  npx singleshot predict ${run} PICTURE --out found`);
}
