/** `0.531`, or a dash where there is no number. */
export const decimals = (value: number | null | undefined, digits = 3): string =>
  value === null || value === undefined || !Number.isFinite(value) ? "–" : value.toFixed(digits);

/** `92 %` */
export const percent = (share: number | null | undefined): string =>
  share === null || share === undefined || !Number.isFinite(share) ? "–" : `${Math.round(100 * share)} %`;

export const whole = (value: number): string => value.toLocaleString("en-US");

/** As short as it can be told apart: `0.002`, `1.5e-5`. */
export const short = (value: number): string => {
  const size = Math.abs(value);
  return size !== 0 && (size < 0.0001 || size >= 1e6) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
};

/** Some round numbers between two, both ends included where they are round. */
export function ticksBetween(low: number, high: number, most = 6): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / (most - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * 0.999)!;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** The next tick at or above a maximum, so that no line touches the upper edge of its chart. */
export function roundedUp(low: number, high: number): number {
  const ticks = ticksBetween(low, high);
  const step = ticks.length > 1 ? ticks[1]! - ticks[0]! : 0;
  const last = ticks.at(-1)!;
  return last >= high || step === 0 ? high : Number((last + step).toPrecision(12));
}

/** A place in a drawing, to a tenth. */
export const fixed = (value: number): string => String(Number(value.toFixed(1)));
