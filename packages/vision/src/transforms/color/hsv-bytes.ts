import type { Picture } from "../../sample.js";
import { eachRow, type Spans } from "../spans.js";
import { BLUE_IS, GREEN_IS, HIGH, LOW, RED_IS, sixthOf } from "./hue.js";

/** Hue, saturation and value, each times its factor; the hue is counted from red. */
export interface HsvScaling {
  change: "hsv-scaling";
  hue: number;
  saturation: number;
  value: number;
}

/** As sparrow does it by way of OpenCV's HSV in bytes: the hue in steps of two degrees, all three cut to whole numbers. */
export function scaleHsv(image: Picture, region: Spans, table: Uint8Array, factors: HsvScaling): void {
  const hues = tableOf((hue) => Math.floor((hue * factors.hue) % 180));
  const saturations = tableOf((saturation) => Math.min(saturation * factors.saturation, 255));
  const values = tableOf((value) => Math.min(value * factors.value, 255));
  eachRow(image, region, (data, from, to) => {
    for (let i = from; i < to; i += 3) {
      const [r, g, b] = [table[data[i]!]!, table[data[i + 1]!]!, table[data[i + 2]!]!];
      const highest = Math.max(r, g, b);
      const range = highest - Math.min(r, g, b);
      const hue = range === 0 ? 0 : (Math.round(30 * sixthOf(r, g, b, highest, range)) + 180) % 180;
      const saturation = highest === 0 ? 0 : Math.round((255 * range) / highest);
      const sixth = hues[hue]! / 30;
      const sector = sixth | 0;
      const high = values[highest]!;
      const chroma = (high * saturations[saturation]!) / 255;
      const low = high - chroma + 0.5; // storing a byte cuts off the fraction
      const middle = high - chroma * (sector & 1 ? sixth - sector : sector + 1 - sixth) + 0.5;
      data[i] = RED_IS[sector] === HIGH ? high : RED_IS[sector] === LOW ? low : middle;
      data[i + 1] = GREEN_IS[sector] === HIGH ? high : GREEN_IS[sector] === LOW ? low : middle;
      data[i + 2] = BLUE_IS[sector] === HIGH ? high : BLUE_IS[sector] === LOW ? low : middle;
    }
  });
}

const tableOf = (of: (value: number) => number) => Uint8Array.from({ length: 256 }, (_, value) => of(value));
