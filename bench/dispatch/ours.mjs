/** Measures once for every line on stdin. A scope takes as many results as a forward pass has, then frees them. */
import { createInterface } from "node:readline";
import { libtorchVersion, noGrad, ops, scope, setThreads, tensor } from "@singleshot/torch";

const CALLS = 20_000;
const PER_SCOPE = 100;

setThreads(1);
const [x, y, leaf] = [tensor([1, -2, 3, 4]), tensor([1, 2, 3, 4]), tensor([1, -2, 3, 4])];
leaf.requiresGrad = true;
const [picture, weight] = [ops.ones([1, 1, 2, 2]), ops.ones([1, 1, 1, 1])];

const cases = {
  "relu, no grad": () => noGrad(() => time(() => x.relu())),
  "add, no grad": () => noGrad(() => time(() => x.add(y))),
  "conv2d, no grad": () => noGrad(() => time(() => ops.conv2d(picture, weight, { stride: [1, 1], padding: [0, 0] }))),
  "relu, grad": () => time(() => leaf.relu()),
  "add, grad": () => time(() => leaf.add(y)),
};

/** Microseconds a call. */
function time(call) {
  const start = performance.now();
  for (let i = 0; i < CALLS; i += PER_SCOPE) {
    scope(() => {
      for (let k = 0; k < PER_SCOPE; k++) call();
    });
  }
  return (1000 * (performance.now() - start)) / CALLS;
}

for await (const _ of createInterface({ input: process.stdin })) {
  const micros = Object.fromEntries(
    Object.entries(cases).map(([name, measure]) => [name, Math.min(...Array.from({ length: 5 }, measure))]),
  );
  console.log(JSON.stringify({ version: libtorchVersion(), micros }));
}
