import { defaultGenerator, nn, noGrad, ops, optim, scope, tensor } from "@singleshot/torch";
import { batchSize, evaluationInput, layPictures } from "@singleshot/vision";
import { createDetector } from "../../detectors/index.js";
import type { Model } from "../../evaluation/index.js";
import { pixelsOf } from "../../loader/index.js";
import { type Recipe, recipes, resolveRecipe } from "../../recipes/index.js";
import { drawnPictures } from "../drawn-pictures.js";

type DetectorRecipe = Recipe["detector"];

/**
 * A recipe's detector for two classes, untrained; its batch norms know the statistics of some pictures, so that what a picture shows
 * reaches the answers.
 */
export function untrainedModel(name: string, change: (detector: DetectorRecipe) => Partial<DetectorRecipe> = () => ({})): Model {
  const recipe = resolveRecipe(recipes.get(name));
  const { loss } = recipe.detector;
  const classification = { ...loss.classification, classWeights: undefined };
  const detector = { ...recipe.detector, loss: { ...loss, classification }, ...change(recipe.detector) } as DetectorRecipe;
  defaultGenerator.seed(5);
  const made = createDetector(detector, ["one", "two"]);
  awaken(made);
  return { detector: made, recipe: { ...recipe, detector }, file: name };
}

function awaken(detector: Model["detector"]): void {
  const norms = [...detector.modules()].flatMap(([, module]) => (module instanceof nn.BatchNorm2d ? module : []));
  for (const norm of norms) Object.assign(norm, { momentum: 1 });
  scope(() =>
    noGrad(() => {
      for (const parameter of detector.parameters().values())
        if (parameter.shape.length === 1) parameter.add_(ops.randn(parameter.shape, defaultGenerator).mul(0.05));
      const boxHeads = [...detector.parameters()].filter(([key, { shape }]) => /regress|box|loc/i.test(key) && shape.length === 4);
      for (const [, weight] of boxHeads) weight.mul_(0.3); // boxes of a size
      const { images } = pixelsOf(layPictures(drawnPictures(4), detector.input));
      detector.train().forward(detector.normalize(images));
      for (const { runningVar } of norms) runningVar.clampMin_(runningVar.mean().item() / 4); // four pictures say little of a map of one cell
    }),
  );
  detector.eval();
}

/**
 * Some steps of training on drawn pictures with a box each. Deep untrained networks magnify rounding, by a tenth a layer and more:
 * behind fifty layers two engines that are right differ by 2e-4, and each differs as much from float64. Training ends that.
 */
export function trainBriefly({ detector }: Model, steps = 24): void {
  const [N, { width, height }] = [4, batchSize(evaluationInput(detector.input), [])];
  const parameters = [...detector.parameters().values()];
  const optimizer = new optim.SGD([{ parameters }], { learningRate: 0.01, momentum: 0.9 });
  const pictures = drawnPictures(N * steps);
  const box = [0.2 * width, 0.2 * height, 0.6 * width, 0.7 * height];
  const truth = {
    boxes: tensor(Array(N).fill([box])),
    labels: ops.ones([N, 1], { dtype: "int64" }),
    counts: ops.ones([N], { dtype: "int64" }),
  };
  for (const [, module] of detector.train().modules()) if (module instanceof nn.BatchNorm2d) Object.assign(module, { momentum: 0.1 });
  for (let step = 0; step < steps; step++) {
    detector.zeroGrad();
    scope(() => {
      const { images } = pixelsOf(layPictures(pictures.slice(N * step, N * (step + 1)), detector.input));
      const { classification, regression } = detector.loss(detector.forward(detector.normalize(images)), truth);
      classification.add(regression).backward();
    });
    optimizer.step();
  }
  for (const values of Object.values(truth)) values.dispose();
  detector.eval();
}

/** A detector that computes in milliseconds: MobileNetV3 of a quarter's width on 96 × 64 pixels. */
export const tinyModel = (change: Partial<DetectorRecipe["postprocess"]> = {}, parts: Partial<DetectorRecipe> = {}): Model =>
  untrainedModel("ssdlite320", ({ network, postprocess }) => ({
    network: { ...network, width: 0.25 } as DetectorRecipe["network"],
    input: { resize: "letterbox", width: 96, height: 64, fill: [114, 114, 114], align: "center", enlarge: true },
    postprocess: { ...postprocess, ...change },
    ...parts,
  }));
