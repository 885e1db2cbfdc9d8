import { InputError } from "@singleshot/vision";
import { Option } from "commander";

/** When a run saves, beside the end of every epoch. */
export interface SaveEvery {
  steps?: number;
  minutes?: number;
}

const FORM = /^(\d+(?:\.\d+)?)? *(s|steps?|m|min|minutes?)?$/;

/** `--save-every 500`, `500 steps`, `10 minutes`, `10min` */
export const saveEveryOption = (): Option =>
  new Option("--save-every <N...>", "save also every N steps, or every `N minutes`").argParser(
    parseSaveEvery as (text: string) => SaveEvery,
  );

/** @param earlier what the word before has said: its unit may follow */
export function parseSaveEvery(text: string, earlier?: SaveEvery): SaveEvery {
  const [, number, unit = "steps"] = FORM.exec(text) ?? [];
  const count = number === undefined ? earlier?.steps : Number(number);
  const minutes = unit.startsWith("m");
  if (count === undefined || count <= 0 || !(minutes || Number.isInteger(count)))
    throw new InputError(`${text} is no number of steps or minutes`, { file: "--save-every", fix: "for example: --save-every 500 steps" });
  return minutes ? { minutes: count } : { steps: count };
}
