/** Writes a model file for both: ssdlite320 with weights by chance that finds about as much as a trained one. */
import { createDetector, recipes, resolveRecipe } from "@singleshot/detection";
import { defaultGenerator, fromBuffer, nn, noGrad, scope, serialize, tensor } from "@singleshot/torch";
import { decodePicture } from "@singleshot/vision/node";
import { photographs } from "./photographs.mjs";

const CLASSES = 91; // with background
const BATCH = 4;
const [SHARE, THRESHOLD] = [0.01, 0.001]; // so many of the scores are above the threshold

const [file] = process.argv.slice(2);
defaultGenerator.seed(1);
const recipe = resolveRecipe(recipes.get("ssdlite320"));
const classes = Array.from({ length: CLASSES - 1 }, (_, i) => `class ${i + 1}`);
const detector = createDetector(recipe.detector, classes);
const { width, height } = recipe.detector.input;
const pictures = await Promise.all(
  photographs()
    .slice(0, BATCH)
    .map((photograph) => decodePicture(photograph, { size: { width, height } })),
);
const bytes = Buffer.concat(pictures.map(({ data }) => data));
const forward = () => detector.forward(detector.normalize(fromBuffer(bytes, [BATCH, height, width, 3]).permute([0, 3, 1, 2]))).logits;
for (const [, part] of detector.modules()) if (part instanceof nn.BatchNorm2d) part.momentum = 1; // its statistics become those of the photographs
detector.train();
scope(() => noGrad(() => void forward()));
detector.eval();
const logits = scope(() => noGrad(() => forward().toTypedArray()));
const foreground = logits.filter((_, i) => i % CLASSES > 0).sort();
const background = foreground[Math.floor((1 - SHARE) * foreground.length)] - Math.log(THRESHOLD);
const state = detector.stateDict();
for (const [key, bias] of state) {
  if (!/^head\.classification_head\..*\.1\.bias$/.test(key) || bias.shape[0] % CLASSES !== 0) continue;
  noGrad(() => bias.copy_(tensor(bias.toTypedArray().map((value, i) => (i % CLASSES === 0 ? background : value)))));
}
serialize.save(
  file,
  new Map([
    ["model", state],
    ["classes", classes],
    ["recipe", JSON.stringify(recipe)],
  ]),
);
