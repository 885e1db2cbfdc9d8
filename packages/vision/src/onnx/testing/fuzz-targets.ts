import { InputError } from "@singleshot/base";
import { type FuzzTarget, mutate } from "@singleshot/testing";
import { readModelCard, readOnnx } from "../index.js";
import { exported, good, savedAgain } from "./onnx-files.js";

/** A bare model, and those with what `export` writes beside the graph, before and behind it. */
export function onnxTargets(): FuzzTarget[] {
  const originals = [good, exported(), savedAgain()];
  const damaged = (draw: () => number) => {
    const original = originals[Math.floor(originals.length * draw())]!;
    return draw() < 1 / 3 ? withBytes(original, draw) : mutate(original, draw);
  };
  const isRefused = (data: Uint8Array) => [readOnnx, readModelCard].map((read) => refuses(read, data)).includes(true);
  return [{ format: ".onnx", what: "models", share: 2000, full: 100_000, damaged, isRefused }];
}

/** Up to three bytes are others: lengths and tags, in so short a file. */
function withBytes(original: Uint8Array, draw: () => number): Uint8Array {
  const data = original.slice();
  for (let k = 0; k < 3; k++) data[Math.floor(draw() * data.length)] = Math.floor(draw() * 256);
  return data;
}

/** Anything but the one message is thrown on. */
function refuses(read: (data: Uint8Array) => unknown, data: Uint8Array): boolean {
  try {
    read(data);
    return false;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return true;
  }
}
