import { type Content, html } from "./markup.js";

/** Which colour is which; one alone needs no legend. */
export function legend(entries: readonly { name: string; color: string; dashed?: boolean }[]): Content {
  if (entries.length < 2) return "";
  const line = ({ name, color, dashed }: (typeof entries)[number]) =>
    html`<span><i style="border-color:${color}"${dashed && html` class="dashed"`}></i>${name}</span> `;
  return html`<p class="legend">${entries.map(line)}</p>`;
}
