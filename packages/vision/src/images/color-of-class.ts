/** Apart for the colour-blind too (Okabe and Ito 2008). */
const FIRST = ["#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00", "#0072b2"];

/** A class's colour, the same in every picture: `#rrggbb`. */
export function colorOfClass(label: number): string {
  return FIRST[label - 1] ?? fromHue((label * 137.508) % 360); // the golden angle keeps neighbours apart
}

/** Black or white, whichever is easier to read on the colour. */
export function textColorOn(color: string): string {
  const [r, g, b] = [1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16)) as [number, number, number];
  return 0.299 * r + 0.587 * g + 0.114 * b > 120 ? "#000000" : "#ffffff";
}

/** Full colours of medium lightness. */
function fromHue(hue: number): string {
  const channel = (n: number) => {
    const k = (n + hue / 30) % 12;
    return Math.round(255 * (0.55 - 0.4 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return `#${[0, 8, 4].map((n) => channel(n).toString(16).padStart(2, "0")).join("")}`;
}
