import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultGenerator, serialize } from "@singleshot/torch";
import { afterAll, expect, test } from "vitest";
import { classifiers } from "../backbones/index.js";
import { startingWeights } from "./starting-weights.js";

const folder = mkdtempSync(join(tmpdir(), "singleshot-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function classifierOf(classes: number, seed: number) {
  defaultGenerator.seed(seed);
  return classifiers.get("mobilenet-v1")!({ classes, width: 0.25 });
}

const writers = {
  "weights.pth": serialize.save,
  "checkpoint.pth": (file: string, weights: Parameters<typeof serialize.saveSafetensors>[1]) =>
    serialize.save(file, new Map([["model", new Map(weights)]])),
  "weights.safetensors": serialize.saveSafetensors,
};

test.each(Object.entries(writers))("a classifier starts from %s, its last layer anew where the classes are others", (name, write) => {
  const file = join(folder, name);
  const theirs = classifierOf(3, 1).stateDict();
  write(file, theirs);
  for (const classes of [3, 5]) {
    const [own, said] = [classifierOf(classes, 2), [] as string[]];
    startingWeights(own, file, (message) => said.push(message));
    const same = [...own.stateDict()].filter(([key, value]) => value.equal(theirs.get(key)!)).map(([key]) => key);
    const fresh = [...theirs.keys()].filter((key) => !same.includes(key));
    expect(fresh).toEqual(classes === 3 ? [] : ["classifier.weight", "classifier.bias"]);
    expect(said).toEqual(classes === 3 ? [] : [`${file} was made for other classes: the last layer starts anew`]);
  }
});
