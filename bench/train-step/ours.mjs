/** Times our training step: transform, forward, matching and loss, backward, SGD. Prints one JSON line. */
import { classifiers, createDetector, merge, prepare, recipes, resolveRecipe } from "@singleshot/detection";
import {
  autocast,
  describeDevice,
  findDevice,
  libtorchVersion,
  noGrad,
  ops,
  optim,
  scope,
  setThreads,
  synchronize,
  tensor,
} from "@singleshot/torch";
import { boxesIntoInput } from "@singleshot/vision";

const job = JSON.parse(process.argv[2]);
setThreads(job.threads);
const device = findDevice(job.device);
const { module, lossOfBatch } = job.classifier ? classification() : detection();
const optimizer = new optim.SGD([{ parameters: module.parameters().values() }], { learningRate: 1e-3, momentum: 0.9, weightDecay: 4e-5 });

function classification() {
  const classifier = classifiers.get(job.name)({ classes: job.classes }).to({ device, format: "channelsLast" }).train();
  const images = ops.rand([job.batch, 224, 224, 3], null, { device }).permute([0, 3, 1, 2]);
  const labels = ops.randint(0, job.classes, [job.batch], null, { dtype: "int64", device });
  const lossOfBatch = () => {
    const logits = autocast({ enabled: job.bf16, device }, () => classifier.forward(images));
    return ops.crossEntropyLoss(logits.to("float32"), labels);
  };
  return { module: classifier, lossOfBatch };
}

function detection() {
  const size = job.sides && { detector: { input: { shortSides: [job.sides[0]], longSide: job.sides[1] } } };
  const options = resolveRecipe(merge(recipes.get(job.name), size ?? {})).detector;
  const classes = Array.from({ length: job.classes - 1 }, (_, i) => `class ${i + 1}`);
  const detector = createDetector(options, classes).to({ device }).train();
  const images = Array.from({ length: job.batch }, () => ops.rand([3, job.height, job.width], null, { device }));
  const { placements } = prepare(detector, images);
  const truth = {
    boxes: tensor(Float32Array.from(placements.flatMap((placement) => [...boxesIntoInput(randomBoxes(), placement)])), {
      shape: [job.batch, job.boxes, 4],
    }),
    labels: ops.randint(1, job.classes, [job.batch, job.boxes], null, { dtype: "int64" }),
    counts: ops.full([job.batch], job.boxes, { dtype: "int64" }),
  };
  const lossOfBatch = () => {
    const { batch } = noGrad(() => prepare(detector, images));
    const raw = autocast({ enabled: job.bf16, device }, () => detector.forward(batch));
    const { classification, regression } = detector.loss(raw, truth);
    return classification.add(regression);
  };
  return { module: detector, lossOfBatch };
}

function randomBoxes() {
  const boxes = Array.from({ length: job.boxes }, () => {
    const [x, y] = [Math.random() * (job.width - 101), Math.random() * (job.height - 101)];
    return [x, y, x + 20 + 80 * Math.random(), y + 20 + 80 * Math.random()];
  });
  return Float32Array.from(boxes.flat());
}

function step() {
  const loss = scope(lossOfBatch);
  module.zeroGrad();
  loss.backward();
  loss.dispose();
  optimizer.step();
}

const times = [];
for (let i = 0; i < job.warmup + job.steps; i++) {
  const start = performance.now();
  step();
  synchronize(device);
  times.push(performance.now() - start);
  await new Promise(setImmediate);
}
console.log(JSON.stringify({ version: libtorchVersion(), device: describeDevice(device), times: times.slice(job.warmup) }));
