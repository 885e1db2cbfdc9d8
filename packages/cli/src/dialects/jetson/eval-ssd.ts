import { join } from "node:path";
import type { Evaluation } from "@singleshot/detection";
import type { Recipe } from "@singleshot/detection/recipes";
import { type ImageDetections, InputError } from "@singleshot/vision";
import { openTerminal } from "../../terminal/index.js";
import { FIRST_GPU, type Program, type Row, settleDevice } from "../program/index.js";
import { kindOf } from "./data-kind.js";
import { nets } from "./nets.js";

/** The flags of eval_ssd.py, as read. */
export interface EvalSsdFlags {
  net: string;
  model?: string;
  dataset_type: "voc" | "open_images";
  dataset?: string;
  label_file?: string;
  use_cuda: boolean;
  use_2007_metric: boolean;
  nms_method: string;
  iou_threshold: number;
  eval_dir: string;
  mb2_width_mult: number;
}

const rows: readonly Row<EvalSsdFlags>[] = [
  {
    flags: ["--net"],
    kind: "text",
    choices: nets,
    default: "vgg16-ssd",
    says: "the network; of our files it is known",
    decides: "detector.network",
  },
  { flags: ["--model", "--trained_model"], kind: "text", says: "the model file", decides: "RUN|MODEL" },
  {
    flags: ["--dataset_type"],
    kind: "text",
    choices: ["voc", "open_images"],
    default: "voc",
    says: "how the data set is laid out",
    decides: "--dataset",
  },
  { flags: ["--dataset"], kind: "text", says: "the data set's folder", decides: "--data" },
  { flags: ["--label_file"], kind: "text", says: "the names of the classes", ignored: "the original takes those of the data set" },
  {
    flags: ["--use_cuda"],
    kind: "truth",
    default: true,
    says: "compute on a GPU, where there is one",
    decides: "--device",
    wantsGpu: Boolean,
  },
  {
    flags: ["--use_2007_metric"],
    kind: "truth",
    default: true,
    says: "average precision at 11 points, else the area under the curve",
    decides: "--protocol",
  },
  { flags: ["--nms_method"], kind: "text", default: "hard", says: "soft, or anything else for hard", decides: "--nms" },
  {
    flags: ["--iou_threshold"],
    kind: "number",
    default: 0.5,
    says: "from which overlap on an object counts as found",
    decides: "--match-iou",
  },
  { flags: ["--eval_dir"], kind: "text", default: "models/eval_results", says: "where det_test_CLASS.txt go", decides: "--class-files" },
  {
    flags: ["--mb2_width_mult"],
    kind: "number",
    default: 1,
    says: "the width of mb2-ssd-lite; of our files it is known",
    decides: "detector.network.width",
  },
];

export const evalSsd: Program<EvalSsdFlags> = {
  name: "eval_ssd",
  summary: "measure a detector",
  description: "Measure a detector as pytorch-ssd's eval_ssd.py does; what was found goes to a file for each class.",
  rows,
  examples: ["jetson eval_ssd --net mb1-ssd --model models/fruit/mb1-ssd-Epoch-9-Loss-2.31.pth --dataset data/fruit"],
  run,
};

async function run(flags: EvalSsdFlags, given: ReadonlySet<string>): Promise<void> {
  const { model, dataset } = flags;
  if (model === undefined) throw new InputError("--model is missing", { fix: "name a .pth file of train_ssd" });
  if (dataset === undefined) throw new InputError("--dataset is missing", { fix: "name the data set's folder" });
  const terminal = openTerminal();
  const [{ evaluate }, { chooseSplit, dataSource, readSplit, writeClassFiles }, { openModel }, { withPostprocess }] = await Promise.all([
    import("@singleshot/detection"),
    import("../../data/index.js"),
    import("./open-model.js"),
    import("../../options/index.js"),
  ]);
  const data = dataSource({ data: [dataset], ...kindOf(flags.dataset_type) });
  const split = chooseSplit(data, undefined, ["test"]) ?? "test";
  const truth = await readSplit(data, { split }, terminal);
  const said = {
    net: flags.net,
    width: flags.mb2_width_mult,
    given: new Set([...given].map((name) => (name === "mb2_width_mult" ? "width" : name))),
    classes: () => truth.classes,
  };
  const nms = flags.nms_method === "soft" ? "soft" : "hard";
  const devices = flags.use_cuda ? FIRST_GPU : { words: ["cpu"] as const };
  const { device } = await settleDevice({ rows }, { values: flags as never, given }, { devices, terminal });
  const { detector } = await openModel(model, said, { device, adjust: (recipe) => withAllCandidates(withPostprocess(recipe, { nms })) });
  const named = await readSplit(data, { split, classes: detector.classes }, { ...terminal, say: () => {} });
  let found: readonly ImageDetections[] = [];
  const evaluation = await evaluate(detector, named, {
    protocol: flags.use_2007_metric ? "jetson-voc07" : "jetson-voc",
    iouThreshold: flags.iou_threshold,
    onProgress: ({ done, total }) => terminal.progress.show(done / total, `${done} of ${total} pictures`),
    onDetections: (detections) => {
      found = detections;
    },
  });
  terminal.progress.clear();
  writeClassFiles(flags.eval_dir, found, detector.classes);
  for (const line of resultLines(evaluation)) terminal.say(line);
  terminal.say(`What was found: ${join(flags.eval_dir, "det_test_CLASS.txt")}`);
}

/** Soft suppression looks at all candidates, as the original's does. */
export function withAllCandidates(recipe: Recipe): Recipe {
  const { postprocess } = recipe.detector;
  if (postprocess.nms.method === "hard") return recipe;
  const { count: _, ...candidates } = postprocess.candidates;
  return { ...recipe, detector: { ...recipe.detector, postprocess: { ...postprocess, candidates } } };
}

function resultLines({ classes, map }: Evaluation): string[] {
  const rows = classes.map(({ name, ap }) => `${name}: ${ap ?? "nan"}`);
  return ["", "Average Precision Per-class:", ...rows, "", `Average Precision Across All Classes:${map ?? "nan"}`];
}
