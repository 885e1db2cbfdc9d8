import { join } from "node:path";
import { type PretrainingObserver, tutorialArrays } from "@singleshot/detection";
import { serialize, Tensor } from "@singleshot/torch";
import type { PretrainFlags } from "./pretrain.js";

/** A line for every step, net_e.pkl whenever the run is saved, and the two arrays of accuracies, which --load goes on with. */
export function pretrainObservers({ load, save, stepEval, folder }: PretrainFlags, say: (line: string) => void): PretrainingObserver[] {
  const lines: PretrainingObserver = {
    stepped: ({ step, loss, accuracy }) => say(`step:${step - 1},loss:${loss.toFixed(6)},acc:${accuracy.toFixed(6)}`),
    probed: ({ accuracy }) => say(`eval_acc:${accuracy.toFixed(6)}`),
  };
  const files: PretrainingObserver = { saved: ({ path }) => copyWeights(path, join(folder, "net_e.pkl")) };
  return save ? [lines, files, tutorialArrays({ everySteps: stepEval, folder, goOn: load })] : [lines];
}

/** The weights of a checkpoint as a file of their own. */
function copyWeights(checkpoint: string, path: string): void {
  const saved = serialize.load(checkpoint) as Map<string, serialize.Saved>;
  serialize.save(path, saved.get("model")!);
  for (const tensor of tensorsIn(saved)) tensor.dispose();
}

function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (value instanceof Map) return [...value.values()].flatMap(tensorsIn);
  return Array.isArray(value) ? value.flatMap(tensorsIn) : [];
}
