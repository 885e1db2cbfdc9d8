import { basename, resolve } from "node:path";
import { readConfig } from "../training/index.js";
import { bestEvaluation, type RunMetrics, readMetrics } from "./metrics-file.js";

/** A run beside others. */
export interface ComparedRun {
  /** the folder's name; its path where two have the same */
  name: string;
  metrics: RunMetrics;
  best: RunMetrics["evaluations"][number] | undefined;
}

/** What runs have in common and what not: the result of `singleshot compare`. */
export interface Comparison {
  runs: ComparedRun[];
  /** settings that are not the same in all runs; null where a run does not have the key */
  differences: { key: string; values: (string | null)[] }[];
  /** each class's AP at the best evaluation; null: no objects, no such class, or nothing was evaluated */
  classes: { name: string; ap: (number | null)[] }[];
}

/** Reads several runs. @throws InputError where a folder is none */
export function compareRuns(folders: readonly string[]): Comparison {
  const configs = folders.map((folder) => readConfig(folder));
  const names = folders.map((folder) => basename(resolve(folder)));
  const runs = folders.map((folder, i): ComparedRun => {
    const metrics = readMetrics(folder);
    return { name: names.filter((name) => name === names[i]).length > 1 ? folder : names[i]!, metrics, best: bestEvaluation(metrics) };
  });
  const classes = [...new Set(configs.flatMap((config) => config.classes))];
  const apOf = ({ best }: ComparedRun, name: string) => best?.evaluation.classes.find((one) => one.name === name)?.ap ?? null;
  return {
    runs,
    differences: differences(configs.map(({ recipe, data }) => settings({ ...recipe, data: { ...data, ...recipe.data } }))),
    classes: classes.map((name) => ({ name, ap: runs.map((run) => apOf(run, name)) })),
  };
}

/** Every setting by its dotted key, as JSON; lists of plain values stay together. */
export function settings(value: unknown, prefix = ""): Map<string, string> {
  const branches = typeof value === "object" && value !== null && !isPlainList(value);
  if (!branches) return new Map([[prefix, JSON.stringify(value)]]);
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...settings(inner, prefix ? `${prefix}.${key}` : key)]));
}

const isPlainList = (value: object): boolean =>
  Array.isArray(value) && value.every((one) => typeof one !== "object" || isPlainList(one ?? {}));

function differences(all: readonly Map<string, string>[]): Comparison["differences"] {
  const keys = [...new Set(all.flatMap((one) => [...one.keys()]))];
  const rows = keys.map((key) => ({ key, values: all.map((one) => one.get(key) ?? null) }));
  return rows.filter(({ values }) => new Set(values).size > 1);
}
