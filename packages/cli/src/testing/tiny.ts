import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RecipeInput, resolveRecipe } from "@singleshot/detection/recipes";
import { between, type Draw, randomOf } from "@singleshot/vision";
import { writePicture } from "@singleshot/vision/node";

const SIDE = 64; // pixels
const CLASSES = { bolt: [220, 60, 40], nut: [40, 90, 220] } as const;

/** A data set in VOC's layout: 8 pictures to train on and 4 to test on, each with one to three rectangles in the colour of their class. */
export async function writeTinyData(root: string): Promise<void> {
  for (const folder of ["Annotations", "JPEGImages", "ImageSets/Main"]) mkdirSync(join(root, folder), { recursive: true });
  const ids = Array.from({ length: 12 }, (_, i) => `part-${String(i + 1).padStart(2, "0")}`);
  await Promise.all(ids.map((id, i) => writePart(root, id, randomOf(7, i))));
  writeFileSync(join(root, "ImageSets/Main/train.txt"), `${ids.slice(0, 8).join("\n")}\n`);
  writeFileSync(join(root, "ImageSets/Main/test.txt"), `${ids.slice(8).join("\n")}\n`);
}

async function writePart(root: string, id: string, draw: Draw): Promise<void> {
  const data = new Uint8Array(3 * SIDE * SIDE).fill(200);
  const objects = Array.from({ length: 1 + Math.floor(between(draw, 0, 3)) }, () => {
    const name = draw() < 0.5 ? "bolt" : "nut";
    const [x1, y1] = [between(draw, 0, 30), between(draw, 0, 30)].map(Math.floor) as [number, number];
    const [x2, y2] = [x1 + between(draw, 14, 30), y1 + between(draw, 14, 30)].map(Math.floor) as [number, number];
    for (let y = y1; y < y2; y++) for (let x = x1; x < x2; x++) data.set(CLASSES[name], 3 * (SIDE * y + x));
    return objectXml(name, [x1, y1, x2, y2]);
  });
  await writePicture(join(root, "JPEGImages", `${id}.png`), { data, width: SIDE, height: SIDE });
  writeFileSync(join(root, "Annotations", `${id}.xml`), annotationXml(`${id}.png`, objects));
}

export const annotationXml = (file: string, objects: readonly string[]): string => `<annotation>
  <filename>${file}</filename>
  <size><width>${SIDE}</width><height>${SIDE}</height><depth>3</depth></size>
${objects.join("\n")}
</annotation>
`;

export const objectXml = (name: string, [xmin, ymin, xmax, ymax]: readonly number[]): string => `  <object>
    <name>${name}</name>
    <bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox>
  </object>`;

/** A quarter of ssdlite320's width on 64 × 64 pixels: two steps an epoch, a second for all of it. */
export const tinyRecipe: RecipeInput = {
  name: "tiny",
  source: "tests",
  description: "the smallest network that is one",
  detector: {
    network: { name: "ssdlite-mobilenet-v3-large", width: 0.25 },
    input: { resize: "stretch", width: SIDE, height: SIDE },
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    anchors: { levels: [0.2, 0.35, 0.5, 0.65, 0.8, 0.95].map((scale) => ({ scale, nextScale: scale + 0.15, ratios: [2] })), clip: "sizes" },
    coder: { maxLogScale: 4 },
    postprocess: {
      scoreThreshold: 0.001,
      candidates: { per: "class", count: 300 },
      nms: { iouThreshold: 0.55 },
      maxDetections: 300,
    },
  },
  data: { augmentation: "ssd", batchSize: 4, workers: 1 },
  optimizer: { name: "sgd", learningRate: 0.02, momentum: 0.9, weightDecay: 1e-4 },
  schedule: { name: "cosine", epochs: 2, warmupSteps: 1 },
  training: { emaDecay: 0.9 },
};

/** A model file as `train` writes it, with fresh weights. */
export async function writeTinyModel(path: string): Promise<void> {
  const [{ createDetector }, { serialize }] = await Promise.all([import("@singleshot/detection"), import("@singleshot/torch")]);
  const recipe = resolveRecipe(tinyRecipe);
  const classes = Object.keys(CLASSES);
  const detector = createDetector(recipe.detector, classes);
  const entries: [string, Parameters<typeof serialize.save>[1]][] = [
    ["model", detector.stateDict()],
    ["classes", classes],
    ["recipe", JSON.stringify(recipe)],
  ];
  serialize.save(path, new Map(entries));
  detector.dispose();
}
