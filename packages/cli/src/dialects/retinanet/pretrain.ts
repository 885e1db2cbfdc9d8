import { join, resolve } from "node:path";
import { type PretrainingRecipe, pretrainingRecipes, resolvePretrainingRecipe } from "@singleshot/detection/recipes";
import { InputError } from "@singleshot/vision";
import { readWorld } from "../../options/index.js";
import { openTerminal, shellWord, tellWorld } from "../../terminal/index.js";
import { deviceList, freeRun, inProcesses, type Program, type Row, settleDevice } from "../program/index.js";

/** The constants of the tutorial's page `extractor`, as read. */
export interface PretrainFlags {
  load: boolean;
  save: boolean;
  epochNum: number[];
  stepSave: number;
  stepEval: number;
  lr: number;
  lrDecay: number;
  nbatchTrain: number;
  size: number;
  rootTrain: string;
  rootEval: string;
  folder: string;
  device: string;
}

const rows: readonly Row<PretrainFlags>[] = [
  { flags: ["--load"], kind: "truth", default: false, says: "start from net_e.pkl", decides: "training.weights" },
  { flags: ["--save"], kind: "truth", default: true, says: "write net_e.pkl, log_train_acc.npy and log_eval_acc.npy" },
  {
    flags: ["--epoch-num", "--epoch_num"],
    kind: "integers",
    default: [150_000, 300_000, 550_000],
    says: "steps after which the learning rate falls; the last one ends the training",
    decides: "schedule.milestones, steps",
  },
  {
    flags: ["--step-save", "--step_save"],
    kind: "integer",
    default: 200,
    says: "steps from one saved file to the next",
    decides: "training.saveEvery.steps",
  },
  {
    flags: ["--step-eval", "--step_eval"],
    kind: "integer",
    default: 50,
    says: "steps from one look at the other pictures to the next",
    decides: "evaluation.probeEverySteps",
  },
  { flags: ["--lr"], kind: "number", default: 0.1, says: "the learning rate", decides: "optimizer.learningRate" },
  { flags: ["--lr-decay", "--lr_decay"], kind: "number", default: 0.1, says: "by which factor it falls", decides: "schedule.gamma" },
  { flags: ["--nbatch-train", "--nbatch_train"], kind: "integer", default: 128, says: "pictures a step", decides: "data.batchSize" },
  {
    flags: ["--nbatch-eval", "--nbatch_eval"],
    kind: "integer",
    default: 128,
    says: "pictures of an evaluation",
    ignored: "as many as of a step",
  },
  { flags: ["--size"], kind: "integer", default: 224, says: "side of the input in pixels", decides: "classifier.side" },
  {
    flags: ["--device", "--GPU_DEVICE"],
    kind: "text",
    default: "0",
    says: "numbers of the GPUs, a process for each; on the CPU where there is none",
    decides: "launch --nproc-per-node, --device",
  },
  {
    flags: ["--root-train", "--root_train"],
    kind: "text",
    default: "ILSVRC2012/train",
    says: "a folder for each class",
    decides: "--data",
  },
  {
    flags: ["--root-eval", "--root_eval"],
    kind: "text",
    default: "ILSVRC2012/val",
    says: "the same, of other pictures",
    decides: "--eval-data",
  },
  {
    flags: ["--folder"],
    kind: "text",
    default: ".",
    says: "where the files lie and go; the original has no name for it",
    decides: "--out",
  },
];

export const pretrain: Program<PretrainFlags> = {
  name: "pretrain",
  summary: "train the extractor as a classifier",
  description:
    "Train the extractor on class folders as the page extractor of the tutorial RetinaNet from scratch does. Rename net_e.pkl to net_e_pretrain.pkl for `retinanet train`.",
  rows,
  config: true,
  examples: ["retinanet pretrain --root_train ILSVRC2012/train --root_eval ILSVRC2012/val --nbatch_train 128"],
  run,
};

/** The tutorial's classifier with these constants. */
export function pretrainRecipe(flags: PretrainFlags): PretrainingRecipe {
  const shipped = pretrainingRecipes.get("retinanet-scratch-extractor")!;
  const steps = flags.epochNum.at(-1);
  if (steps === undefined || steps < 1) throw new InputError("there is no step to end with", { file: "--epoch-num" });
  return resolvePretrainingRecipe({
    ...shipped,
    classifier: { ...shipped.classifier, side: flags.size },
    data: { ...shipped.data, batchSize: flags.nbatchTrain },
    optimizer: { ...shipped.optimizer, learningRate: flags.lr },
    schedule: {
      name: "multi-step",
      epochs: shipped.schedule.epochs,
      unit: "step",
      milestones: flags.epochNum.slice(0, -1),
      gamma: flags.lrDecay,
    },
    steps,
    training: { saveEvery: { steps: flags.stepSave }, ...(flags.load && { weights: join(flags.folder, "net_e.pkl") }) },
    evaluation: { probeEverySteps: flags.stepEval },
  });
}

/** The same training as a command of ours. */
export function pretrainingWords(
  { rootTrain, rootEval }: PretrainFlags,
  { out, device }: { out: string; device?: string | undefined },
): string {
  const roots = ["--data", shellWord(rootTrain), "--eval-data", shellWord(rootEval), "--dataset", "folder"];
  const words = ["npx singleshot pretrain --recipe", shellWord(`${out}/config.json`), ...roots];
  return [...words, ...(device === undefined ? [] : ["--device", device])].join(" ");
}

async function run(flags: PretrainFlags, given: ReadonlySet<string>): Promise<void> {
  const world = readWorld({});
  const devices = deviceList(flags.device, "--device");
  if (world === undefined && devices.words.length > 1) return inProcesses(devices.words.length);
  const recipe = pretrainRecipe(flags);
  const terminal = openTerminal({ world });
  if (world) tellWorld(world, undefined, terminal);
  const { device, word } = await settleDevice({ rows }, { values: flags as never, given }, { devices, terminal, world });
  const [{ dataSource, readSplit }, { howToGoOn, tellInterruption, untilInterrupted }, { pretrain }, { pretrainObservers }] =
    await Promise.all([
      import("../../data/index.js"),
      import("../../training/index.js"),
      import("@singleshot/detection"),
      import("./pretrain-observers.js"),
    ]);
  const read = (root: string, classes?: readonly string[]) =>
    readSplit(dataSource({ data: [root], dataset: "folder" }), { ...(classes && { classes }) }, terminal);
  const training = await read(flags.rootTrain);
  const evaluation = await read(flags.rootEval, training.classes);
  const out = freeRun(flags.folder);
  terminal.say(`In our own words: ${pretrainingWords(flags, { out, device: word })}\n`);
  const { signal, release } = untilInterrupted(terminal);
  const [root, evaluationRoot] = [resolve(flags.rootTrain), resolve(flags.rootEval)];
  const data = { train: training, evaluation, root, evaluationRoot, dataset: "folder" };
  const result = await pretrain({
    ...{ recipe, data, out, signal, device, ...(world && { world }) },
    observers: terminal.quiet ? [] : pretrainObservers(flags, terminal.say),
  });
  release();
  if (result.interrupted) tellInterruption(result, howToGoOn({ command: "pretrain", out, device: word, world }), terminal);
}
