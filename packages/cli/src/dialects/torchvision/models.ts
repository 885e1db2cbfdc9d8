import { publishedWeights } from "@singleshot/detection/published";
import { recipes } from "@singleshot/detection/recipes";
import { InputError } from "@singleshot/vision";

interface Model {
  recipe: string;
  /** Stages of its backbone, and how many of them train where weights are given. */
  stages: number;
  trained: number;
}

/** The detectors by torchvision's names. */
const models: Readonly<Record<string, Model>> = {
  ssd300_vgg16: { recipe: "ssd300-vgg16", stages: 5, trained: 4 },
  ssdlite320_mobilenet_v3_large: { recipe: "ssdlite320", stages: 6, trained: 6 },
  retinanet_resnet50_fpn: { recipe: "retinanet-resnet50", stages: 5, trained: 3 },
  retinanet_resnet50_fpn_v2: { recipe: "retinanet-resnet50-v2", stages: 5, trained: 3 },
};

export const modelNames = Object.keys(models);

interface Start {
  weights?: string;
  weightsBackbone?: string;
  trainableBackboneLayers?: number;
}

/**
 * The recipe that builds a detector as torchvision does, which depends on the weights that it is given.
 * @throws InputError for a detector that there is not, and for weights of another one
 */
export function modelRecipe(name: string, { weights, weightsBackbone }: Start) {
  const model = models[name];
  if (!model) throw new InputError(`${name} is no single-shot detector`, { file: "--model", fix: `it can be ${modelNames.join(", ")}` });
  const published = weights === undefined ? undefined : publishedWeights(weights);
  if (published && published.detector?.recipe !== model.recipe)
    throw new InputError(`${published.name} are ${published.detector ? "another detector" : "a classifier"}'s weights, not ${name}'s`, {
      file: "--weights",
    });
  const whole = weights === undefined && weightsBackbone !== undefined; // torchvision halves the tail where the backbone begins at random
  return recipes.get(model.recipe === "ssdlite320" && whole ? "ssdlite320-fulltail" : model.recipe)!;
}

/** How many stages are frozen: without weights none, whatever is asked for. */
export function frozenStages(name: string, { weights, weightsBackbone, trainableBackboneLayers }: Start): number {
  const { stages, trained } = models[name]!;
  if (weights === undefined && weightsBackbone === undefined) return 0;
  const wanted = trainableBackboneLayers ?? trained;
  if (wanted >= 0 && wanted <= stages) return stages - wanted;
  throw new InputError(`${wanted} is not a number from 0 to ${stages}`, { file: "--trainable-backbone-layers" });
}
