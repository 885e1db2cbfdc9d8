export { comparePage } from "./compare-page.js";
export { type Content, html, type Markup } from "./markup.js";
export { reportPage } from "./report-page.js";
