import { type Content, html } from "./markup.js";
import { STYLE } from "./style.js";

/** Nothing is fetched and nothing runs: styles stand in the page, pictures in `data:`. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export interface PageOptions {
  title: string;
  subtitle: Content;
  /** places of the page that the links at its top lead to */
  links: readonly (readonly [id: string, name: string])[];
}

/** A whole page that stands alone: no script, no request; it can be sent by mail and kept. */
export function page({ title, subtitle, links }: PageOptions, body: Content): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"/><meta http-equiv="Content-Security-Policy" content="${POLICY}"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/><meta name="color-scheme" content="light dark"/><meta name="referrer" content="no-referrer"/>
<link rel="icon" href="data:,"/><title>${title}</title><style>${{ markup: STYLE }}</style></head>
<body><a class="skip" href="#main">To the content</a>
<header><h1>${title}</h1><p>${subtitle}</p><nav aria-label="Parts of the page">${links.map(([id, name]) => html`<a href="#${id}">${name}</a> `)}</nav></header>
<main id="main">${body}</main></body></html>
`.markup;
}
