import { join } from "node:path";
import type { Detections } from "@singleshot/vision";
import { InputError } from "@singleshot/vision";
import { openTerminal } from "../../terminal/index.js";
import { deviceFor, FIRST_GPU, type Program, type Row } from "../program/index.js";

interface InferFlags {
  weights: string;
  labels?: string;
  className: string;
  scoreThresh: number;
  nmsThresh: number;
  maxDet: number;
  outDir: string;
}

const rows: readonly Row<InferFlags>[] = [
  { flags: ["--weights"], kind: "text", default: "./output/ssdlite/best.pt", says: "the model file", decides: "RUN|MODEL" },
  {
    flags: ["--labels"],
    kind: "text",
    says: "the classes of a file that MobileSparrow wrote, one a line, where they are not COCO's; ours know",
  },
  { flags: ["--class-name"], kind: "text", default: "person", says: "what is drawn: a class, or all" },
  { flags: ["--score-thresh"], kind: "number", default: 0.35, says: "leaves out weaker detections", decides: "--score" },
  { flags: ["--nms-thresh"], kind: "number", default: 0.5, says: "the overlap from which the weaker of two boxes goes", decides: "--iou" },
  { flags: ["--max-det"], kind: "integer", default: 100, says: "at most so many detections a picture", decides: "--top-k" },
  { flags: ["--out-dir"], kind: "text", default: ".", says: "where the drawn pictures go: infer-NAME", decides: "--out" },
];

export const infer: Program<InferFlags> = {
  name: "infer",
  summary: "draw what is found in pictures",
  description: "Find persons, or things of any class, in pictures and draw them, as the last cells of MobileSparrow's notebook do.",
  rows,
  words: "<PICTURE...>",
  examples: ["sparrow infer photo.jpg", "sparrow infer --weights output/ssdlite/best.pt --class-name all a.jpg b.jpg"],
  run: (flags, _, words) => run(flags, words),
};

async function run(
  { weights, labels, className, scoreThresh, nmsThresh, maxDet, outDir }: InferFlags,
  files: readonly string[],
): Promise<void> {
  const { say } = openTerminal();
  const [{ COCO_CLASSES, loadModel, predict }, { withPostprocess }, { foreign, readRecipe }, { drawDetections, writePicture }] =
    await Promise.all([
      import("@singleshot/detection"),
      import("../../options/index.js"),
      import("../../recipe/index.js"),
      import("@singleshot/vision/node"),
    ]);
  const changes = { score: scoreThresh, iou: nmsThresh, topK: maxDet };
  const { device } = await deviceFor(FIRST_GPU);
  const otherwise = await foreign({ recipe: readRecipe("sparrow-ssdlite", { reference: true }), labels, classes: () => COCO_CLASSES });
  const { detector } = loadModel(weights, { device, otherwise, adjust: (recipe) => withPostprocess(recipe, changes) });
  const { classes } = detector;
  const label = className === "all" ? undefined : classes.indexOf(className) + 1;
  if (label === 0)
    throw new InputError(`the model knows no ${className}`, { file: "--class-name", fix: `it can be all, ${classes.join(", ")}` });
  for await (const { file, picture, detections } of predict(detector, files)) {
    const shown = label === undefined ? detections : ofClass(detections, label);
    const out = join(outDir, `infer-${file.replace(/^.*[\\/]/, "").replace(/\.\w+$/, "")}.png`);
    await writePicture(out, await drawDetections(picture, shown, classes));
    say(`${file}: ${shown.scores.length} found, drawn into ${out}`);
  }
}

function ofClass({ boxes, labels, scores }: Detections, label: number): Detections {
  const kept = [...labels.keys()].filter((i) => labels[i] === label);
  const corners = kept.flatMap((i) => [...boxes.subarray(4 * i, 4 * i + 4)]);
  return {
    boxes: Float32Array.from(corners),
    labels: Int32Array.from(kept, () => label),
    scores: Float32Array.from(kept, (i) => scores[i]!),
  };
}
