import { resolveRecipe } from "@singleshot/detection/recipes";
import { threadsOf } from "@singleshot/torch/world";
import { InputError } from "@singleshot/vision";
import { openTerminal } from "../../terminal/index.js";
import type { Here } from "../program/index.js";
import { evaluationLines } from "./log.js";
import { modelRecipe } from "./models.js";
import type { TrainFlags } from "./train-rows.js";

/** `--test-only`: measures a checkpoint, or published weights, on the validation pictures. */
export async function testOnly(flags: TrainFlags, { device, world }: Here): Promise<void> {
  const { dataPath, dataset, model, resume, weights } = flags;
  const file = resume || weights;
  if (!file) throw new InputError("--test-only wants weights", { fix: "name them: --resume checkpoint.pth, or --weights NAME" });
  const recipe = resolveRecipe(modelRecipe(model, flags));
  const terminal = openTerminal({ world });
  const [{ evaluate, joinTeam, loadModel }, { setThreads }, { chooseSplit, dataSource, readSplit }] = await Promise.all([
    import("@singleshot/detection"),
    import("@singleshot/torch"),
    import("../../data/index.js"),
  ]);
  const data = dataSource({ data: [dataPath], dataset: dataset as "coco" });
  const split = chooseSplit(data, undefined, ["val", "test"]) ?? "val";
  const { classes } = await readSplit(data, { split }, { ...terminal, say: () => {} });
  const { detector } = loadModel(file, { device, otherwise: { recipe, classes } });
  const truth = await readSplit(data, { split, classes: detector.classes }, terminal);
  const onProgress = ({ done, total }: { done: number; total: number }) => terminal.progress.show(done / total, `Test: [${done}/${total}]`);
  if (world) setThreads(threadsOf(world, process.env));
  const team = await joinTeam(world, { device });
  const evaluation = await evaluate(detector, truth, { protocol: "coco", team, onProgress });
  await team.close();
  terminal.progress.clear();
  for (const line of evaluationLines(evaluation)) terminal.say(line);
}
