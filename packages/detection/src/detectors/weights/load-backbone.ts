import { scope, type Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { disposeAll, loadWeights, readEntries, rename, stateDictOf } from "../../checkpoints/index.js";
import type { Detector } from "../detector.js";
import { type BackboneSource, backboneSource } from "./backbone-keys.js";

/**
 * Gives the backbone the weights of a classifier's file: a state dict, or a checkpoint that has one.
 *
 * @returns what is to be said of it
 * @throws InputError where the file was made by another network
 */
export function loadBackboneFile(detector: Detector, file: string): string[] {
  const entries = readEntries(file);
  try {
    return scope(() => loadBackbone(detector, stateDictOf(entries), backboneSource(detector.options.network), file));
  } finally {
    disposeAll(entries);
  }
}

/**
 * Gives the backbone the weights of a classifier; what the file does not have keeps its own values: necks, extra maps, heads.
 *
 * @returns what is to be said of it
 * @throws InputError where the file was made by another network, or lacks a part of the backbone
 */
export function loadBackbone(
  { network }: Detector,
  weights: ReadonlyMap<string, Tensor>,
  { map, prepare = (own) => new Map(own), optional }: BackboneSource,
  file: string,
): string[] {
  const renamed = rename(prepare(weights), map);
  const pretrained = new Set<Tensor>(network.stages.flat().flatMap((module) => [...module.stateDict().values()]));
  const state = [...network.stateDict()];
  const rest = state.filter(([, value]) => !pretrained.has(value));
  const stranger = rest.find(([key]) => renamed.has(key));
  if (stranger) throw new InputError(`${stranger[0]} is no part of the backbone`, { file, fix: "name a classifier's weights" });
  const optionalKeys = optional?.keys.map(map) ?? [];
  const spared = state.filter(([key]) => optionalKeys.includes(key) && !renamed.has(key));
  loadWeights(network, new Map([...rest, ...spared, ...renamed]), file);
  return spared.length > 0 ? [optional!.says] : [];
}
