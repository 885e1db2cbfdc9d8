import { type LoadOptions, loadModel, type Model } from "@singleshot/detection";
import { type JetsonNet, jetsonDetector, type Recipe, recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { InputError } from "@singleshot/vision";
import { foreign } from "../../recipe/index.js";
import { isNet } from "./nets.js";

/** What the command line says of a model file. */
export interface Said {
  net: string;
  resolution?: number;
  width?: number;
  /** The names of the values that were given; the others are defaults, and the file knows better. */
  given: ReadonlySet<string>;
  /** Of a file that does not name its own. */
  classes: () => readonly string[];
}

/**
 * Opens a file of train_ssd. Ours say themselves which network they are of, how wide, and for which resolution; of those that pytorch-ssd
 * wrote the command line says it.
 *
 * @throws InputError where file and command line contradict each other
 */
export async function openModel(file: string, said: Said, options: LoadOptions = {}): Promise<Model> {
  const adjust = (recipe: Recipe) => {
    requireAgreement(file, recipe, said);
    return options.adjust?.(recipe) ?? recipe;
  };
  return loadModel(file, { ...options, adjust, otherwise: await foreign({ recipe: recipeOf(said), classes: said.classes }) });
}

function recipeOf({ net, resolution, width }: Said): Recipe {
  const options = { ...(resolution !== undefined && { resolution }), ...(width !== undefined && { width }) };
  return resolveRecipe({ ...recipes.get(net), detector: jetsonDetector(net as JetsonNet, options) });
}

function requireAgreement(file: string, { detector }: Recipe, { net, resolution, width, given }: Said): void {
  const { network, input } = detector;
  const own = {
    net: network.name,
    resolution: "width" in input ? input.width : undefined,
    width: "width" in network ? network.width : undefined,
  };
  if (!isNet(network.name)) throw new InputError(`${network.name} is no network of pytorch-ssd`, { file });
  for (const [name, value] of Object.entries({ net, resolution, width })) {
    const there = own[name as keyof typeof own];
    if (!given.has(name) || there === undefined || value === there) continue;
    throw new InputError(`its ${name} is ${there}, the command line says ${value}`, { file, fix: "leave the flag out: the file knows" });
  }
}
