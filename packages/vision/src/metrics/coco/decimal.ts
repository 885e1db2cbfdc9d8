const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`)); // 10^22 is the last that a double has exactly
const DOUBT = 2 ** -40; // far above the relative error of the remainder

/**
 * The double nearest to (high · 10^shift + low) / 10^decimals.
 *
 * Without `low` both numbers are exact, and the one division rounds right (Clinger 1990). With it, quotient and remainder together are
 * right to a hundred bits, which tells the nearest double unless two are almost equally near.
 *
 * @param high a whole number below 2^53
 * @param low a whole number below 10^shift
 * @returns NaN where these few operations cannot tell
 */
export function decimal(high: number, low: number, shift: number, decimals: number): number {
  if (shift >= POWERS.length || decimals >= POWERS.length) return Number.NaN;
  const [factor, divisor] = [POWERS[shift]!, POWERS[decimals]!];
  if (shift === 0) return high / divisor;
  const product = high * factor;
  const number = product + low;
  const rounded = productError(high, factor, product) + (low - (number - product)); // what `number` lacks
  const quotient = number / divisor;
  const back = quotient * divisor;
  const remainder = (number - back - productError(quotient, divisor, back) + rounded) / divisor;
  const nearest = quotient + remainder * (1 - DOUBT);
  return nearest === quotient + remainder * (1 + DOUBT) ? nearest : Number.NaN;
}

/** a · b - product, where the product is a · b rounded (Dekker 1971). */
function productError(a: number, b: number, product: number): number {
  const [aHigh, bHigh] = [upperHalf(a), upperHalf(b)];
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** The first 26 bits. */
function upperHalf(x: number): number {
  const scaled = (2 ** 27 + 1) * x;
  return scaled - (scaled - x);
}
