/** The largest and the smallest channel of a pixel, and the one between. */
export const [LOW, MIDDLE, HIGH] = [0, 1, 2];

// Which of the three values each channel has between red and yellow, yellow and green, and so on over cyan, blue, magenta to red.
export const RED_IS = Uint8Array.of(HIGH, MIDDLE, LOW, LOW, MIDDLE, HIGH);
export const GREEN_IS = Uint8Array.of(MIDDLE, HIGH, HIGH, MIDDLE, LOW, LOW);
export const BLUE_IS = Uint8Array.of(LOW, LOW, MIDDLE, HIGH, HIGH, MIDDLE);

/** The hue in sixths of a turn, -1 to 5; `range` is the largest channel less the smallest and not 0. */
export function sixthOf(r: number, g: number, b: number, high: number, range: number): number {
  if (r === high) return (g - b) / range;
  return g === high ? 2 + (b - r) / range : 4 + (r - g) / range;
}
