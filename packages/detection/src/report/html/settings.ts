import type { ReportData } from "../data.js";
import { html, type Markup } from "./markup.js";
import { table } from "./tables.js";

/** How can it be made again? */
export function settings({ recipe, environment }: ReportData): Markup {
  return html`<section id="settings"><h2>Settings</h2><div class="columns wide">
<div class="card"><h3>Recipe</h3><p class="note">Complete: kept in a file, it trains this again (<code>singleshot train --recipe FILE</code>). One click selects all of it.</p>
<pre class="recipe" tabindex="0" aria-label="The recipe as JSON">${recipe.text}</pre></div>
<div class="card"><h3>Made with</h3>${table([], environment, "Made with", { wraps: true })}</div></div></section>`;
}
