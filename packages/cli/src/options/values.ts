import { InputError } from "@singleshot/vision";

/** Reads the value of a flag as a whole number. */
export function wholeNumber(flag: string, { min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number }): (text: string) => number {
  const range = max < Number.MAX_SAFE_INTEGER ? ` from ${min} to ${max}` : min > 0 ? ` of at least ${min}` : "";
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= min && number <= max) return number;
    throw new InputError(`${text} is not a whole number${range}`, { file: flag });
  };
}

/** `--threads N` and `--workers N`, as every command has them. */
export const threadCount = (flag: "--threads" | "--workers") =>
  flag === "--threads" ? wholeNumber(flag, { min: 1, max: 1024 }) : wholeNumber(flag, { min: 0, max: 256 });

/** Reads the value of a flag as a number from 0 to 1. */
export function fraction(flag: string): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (text.trim() !== "" && number >= 0 && number <= 1) return number;
    throw new InputError(`${text} is not a number from 0 to 1`, { file: flag });
  };
}

/** A file that is to be written must be called so, lest a slip of the hand replace a picture or a model. */
const fileEndingIn =
  (ending: string) =>
  (flag: string): ((text: string) => string) =>
  (text) => {
    if (text.endsWith(ending)) return text;
    throw new InputError(`${text} does not end in ${ending}`, { file: flag, fix: "name a file that does" });
  };

export const jsonFile = fileEndingIn(".json");
export const htmlFile = fileEndingIn(".html");

/** `cat, dog` as two words. */
export const words = (text: string): string[] =>
  text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");

/** For a flag that may be repeated. */
export const collected = (text: string, earlier: string[] = []): string[] => [...earlier, text];
