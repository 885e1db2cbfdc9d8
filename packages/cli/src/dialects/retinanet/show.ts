import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTerminal } from "../../terminal/index.js";
import { deviceFor, FIRST_GPU, type Program, type Row } from "../program/index.js";

interface ShowFlags {
  folder: string;
  labels?: string;
  score: number;
  nmsTh: number;
  out: string;
}

const rows: readonly Row<ShowFlags>[] = [
  { flags: ["--folder"], kind: "text", default: ".", says: "where net_e.pkl and net_d.pkl lie", decides: "RUN|MODEL" },
  {
    flags: ["--labels"],
    kind: "text",
    says: "the classes of files that the tutorial wrote, one a line, where they are not Pascal VOC's; ours know",
  },
  { flags: ["--score"], kind: "number", default: 0.5, says: "leaves out weaker detections", decides: "--score" },
  {
    flags: ["--nms-th", "--nms_th"],
    kind: "number",
    default: 0.5,
    says: "the overlap above which the weaker of two boxes goes",
    decides: "--iou",
  },
  { flags: ["--out"], kind: "text", default: "show.png", says: "the picture that is written", decides: "--out" },
];

export const show: Program<ShowFlags> = {
  name: "show",
  summary: "draw what is found in a picture",
  description:
    "Find things in a picture and draw them with the names of their classes, as the tutorial's viewing page does. Pictures may have any size.",
  rows,
  words: "<PICTURE>",
  examples: ["retinanet show photo.jpg", "retinanet show --folder runs/voc --score 0.3 photo.jpg --out found.png"],
  run: (flags, _, [picture]) => run(flags, picture!),
};

async function run({ folder, labels, score, nmsTh, out }: ShowFlags, file: string): Promise<void> {
  const { say } = openTerminal();
  const [detection, { withPostprocess }, recipes, { VOC_CLASSES }, { joinWeights }, { decodePicture, drawDetections, writePicture }] =
    await Promise.all([
      import("@singleshot/detection"),
      import("../../options/index.js"),
      import("../../recipe/index.js"),
      import("../weights/index.js"),
      import("./weights.js"),
      import("@singleshot/vision/node"),
    ]);
  const place = mkdtempSync(join(tmpdir(), "singleshot-"));
  try {
    joinWeights(folder, join(place, "net.pkl"));
    const { device } = await deviceFor(FIRST_GPU);
    const { detector } = detection.loadModel(join(place, "net.pkl"), {
      device,
      otherwise: await recipes.foreign({ recipe: recipes.readRecipe("retinanet-scratch"), labels, classes: () => VOC_CLASSES }),
      adjust: (recipe) => withPostprocess(recipe, { score, iou: nmsTh }),
    });
    const picture = await decodePicture(file);
    const [found] = detection.detectPictures(detector, [picture]);
    const count = found!.labels.length;
    say(`cls_i: (${count},)  cls_p: (${count},)  reg: (${count}, 4)`);
    await writePicture(out, await drawDetections(picture, found!, detector.classes));
    say(`written to ${out}`);
  } finally {
    rmSync(place, { recursive: true });
  }
}
