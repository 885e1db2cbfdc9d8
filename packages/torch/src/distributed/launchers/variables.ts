import { InputError } from "@singleshot/base";

/** `process.env`, or one made up. An empty variable counts as one that is not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A number, and the variable or flag that says it. */
export interface Said {
  value: number;
  by: string;
}

export const isSet = (env: Environment, name: string): boolean => (env[name] ?? "").trim() !== "";

/** The first of several names that is set; where none is, the last: a message names it. */
export const setOneOf = (env: Environment, ...names: [string, ...string[]]): string =>
  names.find((name) => isSet(env, name)) ?? names.at(-1)!;

/** @throws InputError where it is not set, though `because` is */
export function textOf(env: Environment, name: string, { because, fix }: { because: string; fix: string }): string {
  if (isSet(env, name)) return env[name]!.trim();
  throw new InputError(`it is not set, and ${because} is`, { file: name, fix });
}

/** @throws InputError where it is not set, though `because` is, or no whole number */
export function numberOf(env: Environment, name: string, place: { because: string; fix: string }): Said {
  return { value: wholeNumber(textOf(env, name, place), name), by: name };
}

/** @throws InputError for other than digits */
export function wholeNumber(text: string, by: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InputError(`${text} is not a whole number`, { file: by });
}
