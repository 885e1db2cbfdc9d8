import { type Content, html, type Markup } from "./markup.js";

/**
 * A table whose first column names the rows; it scrolls by itself where the window is narrow.
 * @param wraps cells hold texts, which may be broken into lines
 */
export function table(
  head: readonly Content[],
  rows: readonly (readonly Content[])[],
  caption: string,
  { wraps = false }: { wraps?: boolean } = {},
): Markup {
  const row = ([name, ...cells]: readonly Content[]) =>
    html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table${wraps && html` class="wrap"`}>
${head.length > 0 && html`<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>`}
<tbody>${rows.map(row)}</tbody></table></div>`;
}

/** A number with a bar beneath it, 0 to 1. */
export function meter(text: Content, share: number | null | undefined, color = "var(--accent)"): Markup {
  const known = share !== null && share !== undefined && Number.isFinite(share) ? share : 0;
  const width = Math.round(1000 * Math.min(Math.max(known, 0), 1)) / 10;
  return html`<span class="meter"><span>${text}</span><i style="width:${width}%;background:${color}"></i></span>`;
}

/** A name beside its colour. */
export const named = (name: string, color: string): Markup => html`<span class="named"><i style="background:${color}"></i>${name}</span>`;
