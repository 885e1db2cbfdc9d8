import { type Data, isData } from "../../../recipes/index.js";
import { type Moment, pluginEvent } from "./events.js";
import { doubleField, field, varintField } from "./wire.js";

/** A setting as TensorBoard's table HPARAMS shows it. */
export type HyperParameter = number | boolean | string;

/**
 * The settings of a recipe by their dotted keys, as one compares runs by them. Long lists (anchors) and what only describes are left
 * out; short lists are text.
 */
export function hyperParameters(recipe: Data): Map<string, HyperParameter> {
  return new Map(leaves(Object.fromEntries(Object.entries(recipe).filter(([key]) => !DESCRIBES.has(key))), ""));
}

const DESCRIBES = new Set(["source", "description", "expected", "facts", "reference", "fromScratch", "fromWeights"]);

const LONGEST = 100; // characters of a list

function leaves(value: unknown, key: string): [string, HyperParameter][] {
  if (isData(value)) return Object.entries(value).flatMap(([name, inner]) => leaves(inner, key === "" ? name : `${key}.${name}`));
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "string") return [[key, value]];
  const text = JSON.stringify(value);
  return text !== undefined && text.length <= LONGEST ? [[key, text]] : [];
}

const VERSION: Uint8Array = varintField(1, 0);

/** Begins the run's row of the table. */
export function sessionStartEvent(moment: Moment, parameters: ReadonlyMap<string, HyperParameter>): Uint8Array {
  const entries = [...parameters].map(([name, value]) => field(1, [field(1, name), field(2, protobufValue(value))]));
  const info = [...entries, doubleField(5, moment.wallTime)];
  return pluginEvent(moment, "_hparams_/session_start_info", "hparams", Buffer.concat([VERSION, field(3, info)]));
}

const STATUS = { success: 1, failure: 2 };

/** Ends it. */
export const sessionEndEvent = (moment: Moment, status: keyof typeof STATUS): Uint8Array =>
  pluginEvent(
    moment,
    "_hparams_/session_end_info",
    "hparams",
    Buffer.concat([VERSION, field(4, [varintField(1, STATUS[status]), doubleField(2, moment.wallTime)])]),
  );

function protobufValue(value: HyperParameter): Uint8Array {
  switch (typeof value) {
    case "number":
      return doubleField(2, value);
    case "boolean":
      return varintField(4, Number(value));
    case "string":
      return field(3, value);
  }
}
