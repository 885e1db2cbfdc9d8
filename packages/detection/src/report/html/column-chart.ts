import type { Histogram } from "@singleshot/vision";
import { legend } from "./legend.js";
import { type Content, html, type Markup } from "./markup.js";
import { fixed, short, whole } from "./numbers.js";

const [WIDTH, HEIGHT] = [420, 220];
const AREA = { left: 8, right: 412, top: 10, bottom: 176 };

/** A histogram over factors, the classes on top of each other. */
export function columnChart(
  { edges, counts }: Histogram,
  { title, unit, names, colors }: { title: string; unit: string; names: readonly string[]; colors: readonly string[] },
): Markup {
  const used = edges.slice(1).map((_, bin) => counts.reduce((sum, bins) => sum + bins[bin]!, 0));
  const [first, last] = [used.findIndex((count) => count > 0), used.findLastIndex((count) => count > 0)];
  if (first < 0) return html`<figure class="chart"><figcaption>${title}</figcaption><p class="none">There are no objects.</p></figure>`;
  const bins = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const step = (AREA.right - AREA.left) / bins.length;
  const most = Math.max(...used);
  const columns = bins.map((bin, i) => column(bin, AREA.left + i * step, step));
  const shown = names.flatMap((name, label) => (counts[label]!.some((count) => count > 0) ? [{ name, color: colors[label]! }] : []));
  const every = Math.ceil(bins.length / 9);
  const ticks = [...bins, last + 1].map((bin, i) => i % every === 0 && tick(bin, i));
  return html`<figure class="chart"><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${columns}<path class="axis" d="M${AREA.left} ${AREA.bottom}H${AREA.right}"/>${ticks}<text class="label" x="${WIDTH / 2}" y="${HEIGHT - 8}" text-anchor="middle">${unit}</text></svg>${legend(shown)}</figure>`;

  function tick(bin: number, i: number): Content {
    const anchor = i === 0 ? "start" : i === bins.length ? "end" : "middle";
    return html`<text class="tick" x="${fixed(AREA.left + i * step)}" y="${AREA.bottom + 15}" text-anchor="${anchor}">${rounded(edges[bin]!)}</text>`;
  }

  function column(bin: number, x: number, width: number): Content {
    let y = AREA.bottom;
    const parts = counts.map((own, label) => {
      const height = (own[bin]! / most) * (AREA.bottom - AREA.top);
      y -= height;
      return (
        height > 0 &&
        html`<rect x="${fixed(x + 1)}" y="${fixed(y)}" width="${fixed(width - 2)}" height="${fixed(height)}" style="fill:${colors[label]!}"/>`
      );
    });
    const rows = counts.flatMap((own, label) => (own[bin] ? [`${names[label]}: ${whole(own[bin])}`] : []));
    const range = `${rounded(edges[bin]!)} to ${rounded(edges[bin + 1]!)}`;
    return html`<g>${parts}<rect class="band" x="${fixed(x)}" y="${AREA.top}" width="${fixed(width)}" height="${AREA.bottom - AREA.top}"><title>${[range, ...rows].join("\n")}</title></rect></g>`;
  }
}

const rounded = (edge: number): string => short(Number(edge.toPrecision(2)));
