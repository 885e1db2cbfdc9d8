/** Times our training step: transform, forward, matching and loss, backward, SGD. Prints one JSON line. */
import { createDetector, prepare, recipes, resolveRecipe } from "@singleshot/detection";
import { autocast, libtorchVersion, noGrad, ops, optim, scope, setThreads, tensor } from "@singleshot/torch";

const job = JSON.parse(process.argv[2]);
setThreads(job.threads);
const classes = Array.from({ length: job.classes - 1 }, (_, i) => `class ${i + 1}`);
const detector = createDetector(resolveRecipe(recipes.get("ssdlite320")).detector, classes).train();
const optimizer = new optim.SGD([{ parameters: detector.parameters().values() }], { learningRate: 1e-3, momentum: 0.9, weightDecay: 4e-5 });
const images = Array.from({ length: job.batch }, () => ops.rand([3, job.height, job.width], null));
const { width, height } = detector.input;
const boxes = Float32Array.from(
  Array.from({ length: job.batch * job.boxes }, () => {
    const [x, y] = [Math.random() * (job.width - 101), Math.random() * (job.height - 101)];
    const [w, h] = [20 + 80 * Math.random(), 20 + 80 * Math.random()];
    return [(x * width) / job.width, (y * height) / job.height, ((x + w) * width) / job.width, ((y + h) * height) / job.height];
  }).flat(),
);
const truth = {
  boxes: tensor(boxes, { shape: [job.batch, job.boxes, 4] }),
  labels: ops.randint(1, job.classes, [job.batch, job.boxes], null, { dtype: "int64" }),
  counts: ops.full([job.batch], job.boxes, { dtype: "int64" }),
};

function step() {
  const loss = scope(() => {
    const batch = noGrad(() => prepare(detector, images));
    const raw = autocast({ enabled: job.bf16 }, () => detector.forward(batch));
    const { classification, regression } = detector.loss(raw, truth);
    return classification.add(regression);
  });
  detector.zeroGrad();
  loss.backward();
  loss.dispose();
  optimizer.step();
}

const times = [];
for (let i = 0; i < job.warmup + job.steps; i++) {
  const start = performance.now();
  step();
  times.push(performance.now() - start);
  await new Promise(setImmediate);
}
console.log(JSON.stringify({ version: libtorchVersion(), times: times.slice(job.warmup) }));
