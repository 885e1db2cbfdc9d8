import { legend } from "./legend.js";
import { type Content, html, type Markup } from "./markup.js";
import { fixed, roundedUp, short, ticksBetween } from "./numbers.js";

export interface Series {
  name: string;
  /** `#rrggbb` or a variable of the page's style */
  color: string;
  /** x ascending */
  points: readonly (readonly [x: number, y: number])[];
  /** drawn thin and left out of the legend */
  faint?: boolean;
  dashed?: boolean;
  /** each point is marked */
  dots?: boolean;
}

export interface Axis {
  label: string;
  min?: number;
  max?: number;
}

export interface LineChartOptions {
  title: string;
  x: Axis;
  y: Axis;
  /** a vertical line with a word on it */
  at?: { x: number; text: string };
}

// As wide as a narrow window, so that letters are never made smaller than they can be read.
const [WIDTH, HEIGHT] = [420, 250];
const AREA = { left: 52, right: 408, top: 12, bottom: 208 };
const BANDS = 48; // places that tell their numbers when they are pointed at

/** Lines over a common x, with a legend; pointing at a place tells its numbers. */
export function lineChart(series: readonly Series[], options: LineChartOptions): Markup {
  const shown = series.filter(({ points }) => points.length > 0);
  if (shown.length === 0)
    return html`<figure class="chart"><figcaption>${options.title}</figcaption><p class="none">Nothing was recorded.</p></figure>`;
  const scale = scaleOf(shown, options);
  return html`<figure class="chart"><figcaption>${options.title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${`${options.title}: ${shown.map(({ name }) => name).join(", ")}`}">
${axes(scale, options)}${marker(scale, options.at)}${shown.map((one) => line(one, scale))}${bands(shown, scale, options.x.label)}
</svg>${legend(shown.filter(({ faint }) => !faint))}</figure>`;
}

interface Scale {
  x: (value: number) => number;
  y: (value: number) => number;
  domain: { x: [number, number]; y: [number, number] };
}

function scaleOf(series: readonly Series[], { x, y }: LineChartOptions): Scale {
  const domain = { x: range(series, 0, x), y: range(series, 1, y) };
  const linear =
    ([low, high]: [number, number], from: number, to: number) =>
    (value: number) =>
      from + ((Math.min(Math.max(value, low), high) - low) / (high - low || 1)) * (to - from);
  return { x: linear(domain.x, AREA.left, AREA.right), y: linear(domain.y, AREA.bottom, AREA.top), domain };
}

function range(series: readonly Series[], axis: 0 | 1, { min, max }: Axis): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { points } of series) {
    for (const point of points) [low, high] = [Math.min(low, point[axis]), Math.max(high, point[axis])];
  }
  const from = min ?? low;
  return [from, max ?? roundedUp(from, high > from ? high : from + 1)];
}

function axes({ x, y, domain }: Scale, options: LineChartOptions): Content {
  const rows = ticksBetween(...domain.y).map(
    (tick) =>
      html`<path class="grid" d="M${AREA.left} ${fixed(y(tick))}H${AREA.right}"/><text class="tick" x="${AREA.left - 6}" y="${fixed(y(tick) + 4)}" text-anchor="end">${short(tick)}</text>`,
  );
  const columns = ticksBetween(...domain.x, 7).map(
    (tick) => html`<text class="tick" x="${fixed(x(tick))}" y="${AREA.bottom + 16}" text-anchor="middle">${short(tick)}</text>`,
  );
  const middle = (AREA.left + AREA.right) / 2;
  return html`${rows}${columns}<path class="axis" d="M${AREA.left} ${AREA.bottom}H${AREA.right}"/><text class="label" x="${middle}" y="${HEIGHT - 8}" text-anchor="middle">${options.x.label}</text>`;
}

function marker({ x }: Scale, at: LineChartOptions["at"]): Content {
  if (!at) return "";
  const left = x(at.x);
  const [anchor, shift] = left > (AREA.left + AREA.right) / 2 ? ["end", -5] : ["start", 5];
  return html`<path class="at" d="M${fixed(left)} ${AREA.top}V${AREA.bottom}"/><text class="tick" x="${fixed(left + Number(shift))}" y="${AREA.bottom - 6}" text-anchor="${anchor}">${at.text}</text>`;
}

function line({ color, points, faint, dashed, dots }: Series, { x, y }: Scale): Content {
  const places = points.map(([px, py]) => `${fixed(x(px))} ${fixed(y(py))}`);
  const path = html`<path class="${faint ? "line faint" : "line"}" d="M${places.join("L")}" style="stroke:${color}"${dashed && html` stroke-dasharray="5 4"`}/>`;
  if (!dots) return path;
  return [path, points.map(([px, py]) => html`<circle cx="${fixed(x(px))}" cy="${fixed(y(py))}" r="2.6" style="fill:${color}"/>`)];
}

function bands(series: readonly Series[], { x, domain }: Scale, label: string): Content {
  const named = series.filter(({ faint }) => !faint);
  const [low, high] = domain.x;
  const width = (AREA.right - AREA.left) / BANDS;
  return Array.from({ length: BANDS }, (_, i) => {
    const at = low + ((i + 0.5) / BANDS) * (high - low);
    const rows = named.map(({ name, points }) => `${name}: ${short(valueAt(points, at))}`);
    return html`<rect class="band" x="${fixed(x(at) - width / 2)}" y="${AREA.top}" width="${fixed(width)}" height="${AREA.bottom - AREA.top}"><title>${[`${label} ${short(at)}`, ...rows].join("\n")}</title></rect>`;
  });
}

/** On the straight line between two points; beyond the ends the end's. */
function valueAt(points: Series["points"], x: number): number {
  const after = points.findIndex(([px]) => px >= x);
  const right = points[after < 0 ? points.length - 1 : after]!;
  const left = points[after <= 0 ? (after < 0 ? points.length - 1 : 0) : after - 1]!;
  return right[0] === left[0] ? right[1] : left[1] + ((x - left[0]) / (right[0] - left[0])) * (right[1] - left[1]);
}
