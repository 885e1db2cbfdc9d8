import { uniform } from "@singleshot/testing";
import { type Device, defaultGenerator, fromBuffer, scope, tensor } from "@singleshot/torch";
import { createDetector } from "../detectors/index.js";
import type { Team } from "../distributed/index.js";
import type { Batch } from "../loader/index.js";
import { merge, type Recipe, recipes, resolveRecipe } from "../recipes/index.js";
import { trainingState, trainStep } from "../training/index.js";

const SIDE = 64;
const PICTURES = 5; // no number of processes divides it

const small = { detector: { input: { resize: "stretch", width: SIDE, height: SIDE } } };
const NETS: Readonly<Record<string, { base: string; steps: number; over: object }>> = {
  ssdlite: { base: "ssdlite320-small", steps: 3, over: { detector: { network: { width: 0.25 } } } },
  ssd: { base: "sq-ssd-lite", steps: 3, over: {} },
  retinanet: { base: "retinanet-resnet50", steps: 2, over: {} },
  "retinanet in parts": { base: "retinanet-resnet50", steps: 2, over: { training: { microBatchSize: 1, clipGradNorm: 0.5 } } },
};

const recipeOf = ({ base, over }: { base: string; over: object }): Recipe =>
  resolveRecipe(merge(merge(recipes.get(base), merge(small, over)), { optimizer: { name: "sgd", learningRate: 1e-3, momentum: 0.9 } }));

/** Pictures of noise with two boxes each, those of one process of a team. */
function batchOf({ rank, size }: Team): { batch: Batch; pictures: number[] } {
  const start = (of: number) => Math.floor((of * PICTURES) / size);
  const pictures = Array.from({ length: size }, (_, other) => start(other + 1) - start(other));
  const [from, count] = [start(rank), pictures[rank]!];
  const noise = Uint8Array.from(uniform("pictures", PICTURES * 3 * SIDE * SIDE), (u) => 255 * u);
  const boxes = Array.from({ length: PICTURES }, (_, i) => [
    [8, 10, 40 + i, 44],
    [20 - i, 5, 60, 30],
  ]);
  const images = fromBuffer(noise, [PICTURES, SIDE, SIDE, 3]).permute([0, 3, 1, 2]).narrow(0, from, count);
  const batch = {
    images,
    boxes: tensor(boxes, { dtype: "float64" }).narrow(0, from, count),
    labels: tensor(
      boxes.map(() => [1, 2]),
      { dtype: "int64" },
    ).narrow(0, from, count),
    counts: tensor(
      boxes.map(() => 2),
      { dtype: "int64" },
    ).narrow(0, from, count),
  };
  const entries = boxes.slice(from, from + count) as object[] as Batch["entries"];
  return { batch: { ...batch, placements: [], index: 0, entries, [Symbol.dispose]() {} }, pictures };
}

/**
 * Some steps of a small net in float64 on a batch that a team shares, batch norm synchronised: loss, classification, regression and norm
 * of the gradients of each.
 */
export async function sharedSteps(
  team: Team,
  net: string,
  { device = "cpu", steps = NETS[net]!.steps }: { device?: Device; steps?: number } = {},
): Promise<number[][]> {
  const plan = NETS[net]!;
  const recipe = recipeOf(plan);
  defaultGenerator.seed(1);
  const detector = createDetector(recipe.detector, ["bolt", "nut"]).to({ device, dtype: "float64", format: "channelsLast" }).train();
  const state = await trainingState(detector, recipe, team);
  team.synchronizeBatchNorm(detector);
  const { batch, pictures } = scope(() => batchOf(team));
  const values: number[][] = [];
  for (let step = 0; step < steps; step++) {
    const { loss, classification, regression, gradientNorm } = await trainStep(state, batch, recipe, pictures);
    values.push([loss, classification, regression, gradientNorm]);
  }
  detector.dispose();
  return values;
}
