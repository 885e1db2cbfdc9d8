/** Speed, side by side with Python: `npm run bench -- COMMAND`. */
const commands = {
  dispatch: { says: "microseconds a call of small operators, ours and Python's in turn", load: () => import("./dispatch/index.mjs") },
  "train-step": {
    says: "one training step, ours and torchvision's in turn: ssdlite320, --net NAME, or --all; on a GPU with --device cuda",
    load: () => import("./train-step/index.mjs"),
  },
  learns: { says: "every network on photographs for a few dozen steps: does its loss fall?", load: () => import("./learns/index.mjs") },
  "coco-eval": {
    says: "COCO's evaluation of 700,000 detections, ours and pycocotools' in turn",
    load: () => import("./coco-eval/index.mjs"),
  },
  predict: {
    says: "pictures a second from file to detections: libtorch, onnxruntime, 8 bits and torchvision in turn",
    load: () => import("./predict/index.mjs"),
  },
  loader: {
    says: "pictures a second from file to batch, ours and torchvision's pipeline in turn: --ssdlite, --megapixels 12",
    load: () => import("./loader/index.mjs"),
  },
  distributed: {
    says: "a step in two processes against one with half the batch, PyTorch's beside it: --net ssd300-vgg16",
    load: () => import("./distributed/index.mjs"),
  },
  serve: { says: "`singleshot serve` with each engine in turn, from one client to many", load: () => import("./serve/index.mjs") },
  scaling: {
    says: "a step on 2 to 1,024 processes by a model: --gbit 10 --latency-us 50, --compute-ms and --parameters of your own",
    load: () => import("./distributed/scaling.mjs"),
  },
  setup: { says: "installs the peer: Debian's python3-torch and python3-torchvision", load: () => import("./setup.mjs") },
};

const [name, ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name ?? "") ? commands[name] : undefined;
if (command) {
  const { run } = await command.load();
  await run(args);
} else {
  const problem = name === undefined || name === "--help" ? "" : `bench: no such command: ${name}\n\n`;
  const rows = Object.entries(commands).map(([word, { says }]) => `  npm run bench -- ${word.padEnd(12)} ${says}`);
  console.error(
    `${problem}${rows.join("\n")}\n\nA Python of your own: SINGLESHOT_PYTHON=path; another build of ours: SINGLESHOT_ADDON=path.`,
  );
  process.exitCode = problem ? 2 : 0;
}
