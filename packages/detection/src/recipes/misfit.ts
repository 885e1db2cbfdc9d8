import type { NetworkOptions } from "./network-schema.js";

type Input = { resize: "sides" } | { resize: "stretch" | "letterbox"; width: number; height: number };

const STRIDE = 32;

/**
 * Why a network cannot take an input, if so. The RetinaNet tutorial's enlarges a map of n cells to 2n - 1, which meets the finer map only
 * where the sides are 32k + 1.
 */
export function misfit({ network, input }: { network: NetworkOptions; input: Input }): string | undefined {
  if (network.name !== "retinanet-scratch") return undefined;
  if (input.resize === "sides") return "retinanet-scratch needs one size for all pictures: resize letterbox or stretch";
  const wrong = Object.entries({ width: input.width, height: input.height }).filter(([, side]) => side % STRIDE !== 1);
  if (wrong.length === 0) return undefined;
  return `retinanet-scratch needs sides of 32k + 1 pixels: ${wrong.map(([name, side]) => `${name} ${nearest(side)} instead of ${side}`).join(", ")}`;
}

/** "289 or 321" */
function nearest(side: number): string {
  const below = Math.floor((side - 1) / STRIDE) * STRIDE + 1;
  return below > 1 ? `${below} or ${below + STRIDE}` : `${below + STRIDE}`;
}

interface Sampling {
  lastBatch: string;
  aspectGroups: number | false;
  balance: boolean;
  repeatThreshold: number | false;
}

/** Ways of choosing pictures that do not go together, and the key that has to give way. */
export function conflicts({ lastBatch, aspectGroups, balance, repeatThreshold }: Sampling): { key: string; message: string }[] {
  const pairs = [
    {
      both: lastBatch === "roll-over" && aspectGroups !== false,
      key: "aspectGroups",
      message: "what is left of several groups cannot roll over into one batch: keep or drop it, or set aspectGroups to false",
    },
    {
      both: balance && repeatThreshold !== false,
      key: "repeatThreshold",
      message: "of balanced classes none is rare: set balance or repeatThreshold to false",
    },
  ];
  return pairs.filter(({ both }) => both);
}
