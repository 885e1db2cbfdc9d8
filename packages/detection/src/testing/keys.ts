import { readFileSync } from "node:fs";
import type { nn } from "@singleshot/torch";

/** Key and shape of every entry of the state dict, in order: `fc.weight 1000,2048`; a number alone has the shape `scalar`. */
export const keysOf = (module: nn.Module): string[] =>
  [...module.stateDict()].map(([key, { shape }]) => `${key} ${shape.length > 0 ? shape : "scalar"}`);

const sheets = new URL("../../../../fixtures/golden/keys/", import.meta.url);

/** The same of an original, from its sheet. */
export function sheet(name: string): string[] {
  const [, ...lines] = readFileSync(new URL(`${name}.keys.tsv`, sheets), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => line.split("\t").slice(0, 2).join(" "));
}
