import type { Tensor } from "@singleshot/torch";
import { InputError } from "@singleshot/vision";
import { disposeAll, type KeyMap, loadWeights, readEntries, rename, stateDictOf } from "../../checkpoints/index.js";
import type { Detector } from "../detector.js";
import { backboneKeys } from "./backbone-keys.js";

/**
 * Gives the backbone the weights of a classifier's file: a state dict, or a checkpoint that has one.
 *
 * @throws InputError where the network takes none, or the file was made by another
 */
export function loadBackboneFile(detector: Detector, file: string): void {
  const { network } = detector.options;
  const map = backboneKeys(network);
  if (!map) throw new InputError(`no classifier's weights are known to fit ${network.name}`, { file, fix: "leave --backbone out" });
  const entries = readEntries(file);
  try {
    loadBackbone(detector, stateDictOf(entries), map, file);
  } finally {
    disposeAll(entries);
  }
}

/**
 * Gives the backbone the weights of a classifier; what the file does not have keeps its own values: necks, extra maps, heads.
 *
 * @param map the detector's key for each of the file's
 * @throws InputError where the file was made by another network, or lacks a part of the backbone
 */
export function loadBackbone({ network }: Detector, weights: ReadonlyMap<string, Tensor>, map: KeyMap, file: string): void {
  const renamed = rename(weights, map);
  const pretrained = new Set<Tensor>(network.stages.flat().flatMap((module) => [...module.stateDict().values()]));
  const rest = [...network.stateDict()].filter(([, value]) => !pretrained.has(value));
  const stranger = rest.find(([key]) => renamed.has(key));
  if (stranger) throw new InputError(`${stranger[0]} is no part of the backbone`, { file, fix: "name a classifier's weights" });
  loadWeights(network, new Map([...rest, ...renamed]), file);
}
