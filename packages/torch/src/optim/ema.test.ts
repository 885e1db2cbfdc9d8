import { expect, test } from "vitest";
import { liveTensors, nn, noGrad, optim, scope, tensor } from "../index.js";

class Net extends nn.Module {
  weight = new nn.Parameter(tensor([0]));
  count = new nn.Buffer(tensor([0], { dtype: "int64" }));
}

/** Sets the weight and counts, as a training step does. */
function change(net: Net, value: number): void {
  noGrad(() => net.weight.fill_(value));
  net.count.add_(1);
}
const averageOf = (ema: optim.ExponentialMovingAverage) => Number(ema.stateDict().get("weight")!.item().toFixed(6));

test("the first update copies, the ramp forgets the first steps soon, counters are copied", () => {
  scope(() => {
    const net = new Net();
    const ema = new optim.ExponentialMovingAverage(net, { decay: 0.9 });
    change(net, 5);
    ema.update();
    expect(averageOf(ema)).toBe(5);
    change(net, 10);
    ema.update(); // decay min(0.9, 3 / 12)
    expect(averageOf(ema)).toBe(5 * 0.25 + 10 * 0.75);
    expect(ema.stateDict().get("count")!.item()).toBe(2);
    for (let i = 0; i < 100; i++) ema.update();
    expect(averageOf(ema)).toBeCloseTo(10, 3);
  });
});

test("swap puts the average into the module and back, also under a module that trains", () => {
  scope(() => {
    const net = new Net();
    const ema = new optim.ExponentialMovingAverage(net, { decay: 0.5, ramp: false });
    change(net, 2);
    ema.update();
    change(net, 4);
    ema.update();
    ema.swap();
    expect([net.weight.item(), averageOf(ema)]).toEqual([3, 4]);
    ema.swap();
    expect([net.weight.item(), averageOf(ema)]).toEqual([4, 3]);
    expect(net.weight.requiresGrad).toBe(true);
  });
});

test("a resumed average goes on as before, a state that lacks a key is refused", () => {
  scope(() => {
    const [whole, part] = [new Net(), new Net()];
    const undisturbed = new optim.ExponentialMovingAverage(whole, { decay: 0.9 });
    for (const value of [1, 7, 3]) {
      change(whole, value);
      undisturbed.update();
    }
    const before = new optim.ExponentialMovingAverage(part, { decay: 0.9 });
    for (const value of [1, 7]) {
      change(part, value);
      before.update();
    }
    const after = new optim.ExponentialMovingAverage(part, { decay: 0.9 });
    after.loadStateDict(before.stateDict(), before.updates);
    change(part, 3);
    after.update();
    expect(averageOf(after)).toBe(averageOf(undisturbed));
    expect(() => after.loadStateDict(new Map(), 1)).toThrow("the moving average has no weight");
  });
});

test("updates leave no tensors behind, and dispose frees the average", () => {
  const net = new Net();
  const before = liveTensors();
  const ema = new optim.ExponentialMovingAverage(net, { decay: 0.9 });
  for (let i = 0; i < 5; i++) ema.update();
  ema.swap();
  ema.swap();
  expect(liveTensors() - before).toBe(2);
  ema.dispose();
  expect(liveTensors()).toBe(before);
  net.dispose();
});
