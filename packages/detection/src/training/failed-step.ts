import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { defaultGenerator, type nn, optim, scope, serialize, type Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { disposeAll, type Entries, loadWeights, readEntries } from "../checkpoints/index.js";
import { firstNotFinite, NotFinite, stepProblem } from "./not-finite.js";
import type { RunDirectory, TrainingState } from "./run/index.js";

type Command = "train" | "pretrain";

/** What a step looks at, and where it is saved if something in it is not finite. */
interface Step {
  run: RunDirectory;
  recipe: object;
  classes: readonly string[];
  entries: readonly { id: string; imageFile: string }[];
  /** Tensors as long as the batch. */
  batch: Readonly<Record<string, Tensor | undefined>>;
  command: Command;
}

/**
 * Takes a step of training. One in which something is not finite is saved, so that it can be repeated.
 * @throws InputError that tells what was not finite, and how to repeat it
 */
export async function repeatable<Values, Model extends nn.Module>(
  state: TrainingState<Model>,
  step: Step,
  take: () => Promise<Values>,
): Promise<Values> {
  using generator = defaultGenerator.state;
  try {
    return await take();
  } catch (error) {
    throw error instanceof NotFinite ? saveFailedStep(error, state, step, generator) : error;
  }
}

/** @param generator the generator's state before the step */
function saveFailedStep<Model extends nn.Module>(
  problem: NotFinite,
  state: TrainingState<Model>,
  step: Step,
  generator: Tensor,
): InputError {
  const { progress, team } = state;
  const name = `step-${progress.globalStep + 1}`;
  const file = join(step.run.replays, team.size === 1 ? `${name}.pth` : `${name}-rank-${team.rank}.pth`); // its part of the batch
  const rest = "a lower learning rate may help; the last checkpoint is as it was";
  const told = (fix: string) => new InputError(stepProblem(problem, progress, step.entries), { fix: `${fix}; ${rest}` });
  try {
    writeFailedStep(file, state, step, generator);
  } catch (error) {
    return told(`the step could not be kept (${(error as Error).message.replace(/\.$/, "")})`);
  }
  return told(`\`singleshot ${step.command} --replay ${file}\` repeats it picture by picture`);
}

function writeFailedStep<Model extends nn.Module>(
  file: string,
  { model, progress, optimizer }: TrainingState<Model>,
  { recipe, classes, entries, batch }: Step,
  generator: Tensor,
): void {
  mkdirSync(dirname(file), { recursive: true });
  serialize.save(
    file,
    new Map<string, unknown>([
      ["model", model.stateDict()],
      ["batch", new Map(Object.entries(batch).filter(([, tensor]) => tensor !== undefined))],
      ["pictures", entries.map(({ imageFile }) => imageFile)],
      ["epoch", progress.epoch + 1],
      ["step", progress.globalStep + 1],
      ["learning_rate", optimizer.learningRate],
      ["generator", generator],
      ["classes", [...classes]],
      ["recipe", JSON.stringify(recipe)],
    ]),
  );
}

/** A failed step, read again. It owns its tensors. */
export interface FailedStep extends Disposable {
  file: string;
  recipe: object;
  classes: string[];
  /** Names of the files. */
  pictures: string[];
  batch: Record<string, Tensor>;
  weights: ReadonlyMap<string, Tensor>;
  generator: Tensor;
  place: { epoch: number; step: number; learningRate: number };
}

/** @throws InputError where the file is no saved step of that command */
export function readFailedStep(file: string, command: Command): FailedStep {
  const saved = readEntries(file);
  try {
    return failedStep(file, saved, command);
  } catch (error) {
    disposeAll(saved);
    throw error;
  }
}

function failedStep(file: string, saved: Entries, command: Command): FailedStep {
  const [batch, recipeText] = [saved.get("batch"), saved.get("recipe")];
  if (!(batch instanceof Map) || typeof recipeText !== "string")
    throw new InputError("the file holds no training step", { file, fix: "name a file of a run's folder `replay`" });
  const recipe = JSON.parse(recipeText) as object;
  const wanted = "task" in recipe ? "pretrain" : "train";
  if (wanted !== command) throw new InputError("a step of another command", { file, fix: `use \`singleshot ${wanted} --replay\`` });
  return {
    ...{ file, recipe },
    batch: Object.fromEntries(batch),
    classes: saved.get("classes") as string[],
    pictures: saved.get("pictures") as string[],
    weights: saved.get("model") as ReadonlyMap<string, Tensor>,
    generator: saved.get("generator") as Tensor,
    place: {
      epoch: saved.get("epoch") as number,
      step: saved.get("step") as number,
      learningRate: saved.get("learning_rate") as number,
    },
    [Symbol.dispose]: () => disposeAll(saved),
  };
}

/** What a repeated step shows. */
export interface Repeated<Losses> {
  epoch: number;
  step: number;
  learningRate: number;
  losses: Losses;
  /** The norm of the gradients of the whole batch. */
  gradientNorm: number;
  /** What is not finite in it, by name: weights, gradients. */
  notFinite: string[];
  /** Each picture alone; batch norm uses the picture's own statistics then. */
  pictures: (Losses & { file: string })[];
}

/**
 * Repeats a step with all of its pictures, then with each alone.
 *
 * @param model as the recipe makes it, in training mode
 * @param compute the loss of some of the pictures, and what it is made of
 */
export function repeatStep<Losses extends object>(
  { file, weights, pictures, generator, place }: FailedStep,
  model: nn.Module,
  compute: (from: number, count: number) => { loss: Tensor; values: Losses },
): Repeated<Losses> {
  loadWeights(model, weights, file);
  const wrongWeights = firstNotFinite(model.stateDict());
  const run = (from: number, count: number) => {
    defaultGenerator.state = generator;
    model.zeroGrad();
    return scope(() => {
      const { loss, values } = compute(from, count);
      loss.backward();
      return values;
    });
  };
  const losses = run(0, pictures.length);
  const gradientNorm = optim.gradNorm(model.parameters().values());
  const wrongGradient = firstNotFinite([...model.parameters()].flatMap(([key, { grad }]) => (grad ? [[key, grad] as const] : [])));
  return {
    ...{ ...place, losses, gradientNorm },
    notFinite: [
      ...(wrongWeights === undefined ? [] : [`weights ${wrongWeights}`]),
      ...(wrongGradient === undefined ? [] : [`the gradient of ${wrongGradient}`]),
    ],
    pictures: pictures.map((picture, i) => ({ file: picture, ...run(i, 1) })),
  };
}
