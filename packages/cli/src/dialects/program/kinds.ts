import { InputError } from "@singleshot/vision";

type Read = (flag: string, text: string) => unknown;

const fail = (flag: string, text: string, expected: string): never => {
  throw new InputError(`${text} is not ${expected}`, { file: flag });
};

const integer: Read = (flag, text) => (/^[+-]?\d+$/.test(text.trim()) ? Number(text) : fail(flag, text, "a whole number"));
const number: Read = (flag, text) => (text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : fail(flag, text, "a number"));
const truth: Read = (_, text) => ["true", "1"].includes(text.toLowerCase()); // as the originals read it: all else is false

/** What a flag's value can be, as argparse has it: a switch takes none, a list as many words as follow. */
export const kinds = {
  switch: { word: "", read: () => true },
  truth: { word: " <BOOL>", read: truth },
  "optional-truth": { word: " [BOOL]", read: truth }, // true without a word
  integer: { word: " <N>", read: integer },
  number: { word: " <X>", read: number },
  text: { word: " <TEXT>", read: (_, text) => text },
  integers: { word: " <N...>", read: integer },
  numbers: { word: " <X...>", read: number },
  texts: { word: " <TEXT...>", read: (_, text) => text },
} as const satisfies Record<string, { word: string; read: Read }>;

export type Kind = keyof typeof kinds;
