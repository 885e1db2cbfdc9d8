/** Times training steps of one of several processes, or of one alone. Prints one JSON line. */
import { createDetector, joinTeam, recipes, resolveRecipe, trainingState, trainStep } from "@singleshot/detection";
import { libtorchVersion, ops, setThreads, tensor } from "@singleshot/torch";

const { net, batch: pictures, threads, warmup, steps, world, overlap } = JSON.parse(process.argv[2]);
setThreads(threads);
const team = await joinTeam(world, { overlap });
const recipe = resolveRecipe(recipes.get(net));
const { width, height } = recipe.detector.input;
const detector = createDetector(recipe.detector, ["thing"]).train();
const state = await trainingState(detector, recipe, team);
state.optimizer.learningRate = 1e-6; // pictures of noise teach nothing, and an untrained VGG16 is easily upset
const batch = {
  images: ops.randint(0, 256, [pictures, height, width, 3], null, { dtype: "uint8" }).permute([0, 3, 1, 2]),
  boxes: tensor(
    Array.from({ length: pictures }, () => [
      [30, 40, 130, 150],
      [100, 90, 220, 280],
    ]),
  ),
  labels: ops.ones([pictures, 2], { dtype: "int64" }),
  counts: ops.full([pictures], 2, { dtype: "int64" }),
  entries: Array.from({ length: pictures }),
};
const times = [];
let before = state.gradients.times;
for (let i = 0; i < warmup + steps; i++) {
  if (i === warmup) before = state.gradients.times;
  const start = performance.now();
  await trainStep(state, batch, recipe, new Array(team.size).fill(pictures));
  times.push(performance.now() - start);
  await new Promise(setImmediate);
}
const { buckets, reducingMs, waitedMs } = state.gradients.times;
const parameters = [...detector.parameters().values()].reduce((sum, { size }) => sum + size, 0);
await team.close();
console.log(
  JSON.stringify({
    version: libtorchVersion(),
    times: times.slice(warmup),
    ...{ buckets, parameters, reducingMs: (reducingMs - before.reducingMs) / steps, waitedMs: (waitedMs - before.waitedMs) / steps },
  }),
);
