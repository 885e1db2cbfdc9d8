import { serialize, type Tensor } from "@singleshot/torch";
import type { Model } from "../evaluation/index.js";
import { VERSION } from "./metadata.js";

export const weightsFormats = ["pth", "safetensors"] as const;
export type WeightsFormat = (typeof weightsFormats)[number];

type Exported = Pick<Model, "detector" | "recipe">;

/**
 * Writes the weights with what is needed to use them, and nothing of the training: an ordinary PyTorch file (`torch.load(...)["model"]` is
 * the state dict), or safetensors with classes and recipe in its metadata. `loadModel` reads both.
 */
export function exportWeights(file: string, model: Exported, format: WeightsFormat): void {
  writers[format](file, model);
}

const writers: Record<WeightsFormat, (file: string, model: Exported) => void> = {
  pth: (file, { detector, recipe }) => {
    const entries = { model: detector.stateDict(), classes: [...detector.classes], recipe: JSON.stringify(recipe), singleshot: VERSION };
    serialize.save(file, new Map<string, serialize.Saved>(Object.entries(entries)));
  },
  safetensors: (file, { detector, recipe }) => {
    const metadata = { format: "pt", singleshot: VERSION, classes: JSON.stringify(detector.classes), recipe: JSON.stringify(recipe) };
    serialize.saveSafetensors(file, detector.stateDict() as ReadonlyMap<string, Tensor>, new Map(Object.entries(metadata)));
  },
};
