import { evaluate, joinTeam, loadModel } from "@singleshot/detection";
import { resolveRecipe } from "@singleshot/detection/recipes";
import { setThreads } from "@singleshot/torch";
import { threadsOf } from "@singleshot/torch/world";
import { InputError } from "@singleshot/vision";
import { chooseSplit, dataSource, describeDataset, readSplit } from "../../data/index.js";
import { openTerminal } from "../../terminal/index.js";
import type { Here } from "../program/index.js";
import { modelRecipe } from "./models.js";
import { testLines } from "./test-lines.js";
import { filesOf } from "./train.js";
import type { TrainFlags } from "./train-rows.js";

/** `--test-only`: measures a checkpoint, or published weights, on the validation pictures. */
export async function testOnly(flags: TrainFlags, { device, world }: Here): Promise<void> {
  const { model, resume, weights } = flags;
  const file = resume || weights;
  if (!file) throw new InputError("--test-only wants weights", { fix: "name them: --resume checkpoint.pth, or --weights NAME" });
  const recipe = resolveRecipe(modelRecipe(model, flags));
  const terminal = openTerminal({ world });
  const data = dataSource(filesOf(flags));
  const split = chooseSplit(data, undefined, ["val", "test"]) ?? "val";
  const dataset = await readSplit(data, { split }, { ...terminal, say: () => {} }); // told below, as the detector's classes have it
  const { detector } = loadModel(file, { device, otherwise: { recipe, classes: dataset.classes } });
  const { classes } = detector;
  const isSame = classes.join("\n") === dataset.classes.join("\n");
  if (isSame) terminal.say(describeDataset(dataset));
  const truth = isSame ? dataset : await readSplit(data, { split, classes }, terminal);
  if (world) setThreads(threadsOf(world, process.env));
  const team = await joinTeam(world, { device });
  const lines = testLines(terminal.say, () => performance.now());
  const evaluation = await evaluate(detector, truth, { protocol: "coco", team, onProgress: lines.done });
  await team.close();
  lines.ended(evaluation);
}
