import { existsSync } from "node:fs";
import { preferDeterministic, setThreads } from "@singleshot/torch";
import { threadsOf } from "@singleshot/torch/world";
import { randomOf } from "@singleshot/vision";
import { joinTeam, requireSameData, type Team } from "../distributed/index.js";
import { seedRandom } from "./random-state.js";
import { type RunOptions, removeUnbegun, requireNewRun, type TrainingState, withLock } from "./run/index.js";

/** What all processes of a run have to agree in: rank 0's. */
type Agreed<Recipe extends object> = Pick<RunOptions<Recipe>, "recipe" | "out" | "resume">;

/**
 * Does something with a run in the name of all its processes: rank 0 alone holds the folder's lock.
 *
 * @param prepared rank 0's recipe as it will be used
 * @throws InputError where a new run was to begin in the folder of another, and where processes have other data than rank 0
 */
export async function asTeam<Recipe extends object, Options extends RunOptions<Recipe>, T>(
  options: Options,
  prepared: () => Recipe,
  body: (options: Options, team: Team) => Promise<T>,
): Promise<T> {
  const { data, world, threads, out, resume, device = "cpu", signal } = options;
  if (threads ?? world) setThreads(threads ?? threadsOf(world!, process.env));
  preferDeterministic(device);
  const team = await joinTeam(world, { device, signal });
  const run = async () => {
    const agreed = await team.fromFirst<Agreed<Recipe>>(() => {
      requireNewRun(options);
      return { recipe: prepared(), out, ...(resume !== undefined && { resume }) };
    });
    await requireSameData(team, { training: data.train, evaluation: data.evaluation });
    const result = await body({ ...options, ...agreed }, team);
    await team.close();
    return result;
  };
  const isNew = !existsSync(out);
  try {
    return await (team.isFirst ? withLock(out, run) : run());
  } catch (error) {
    if (team.isFirst && isNew) removeUnbegun(out);
    throw team.explained(error);
  }
}

/** Random numbers of a step on one of several processes depend on nothing but the step, so that a resumed run draws the same. */
export function seedStep({ model, team: { rank, size }, progress: { globalStep } }: TrainingState, seed: number): void {
  if (size > 1) seedRandom(model.device, Math.floor(2 ** 24 * randomOf(seed, globalStep, rank)()));
}
