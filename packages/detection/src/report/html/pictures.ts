import type { Mark, MarkedPicture } from "../data.js";
import { type Content, html, type Markup } from "./markup.js";
import { fixed } from "./numbers.js";

/** A picture with its marks drawn over it as lines, sharp at every size. A link makes it large. */
export function markedPicture({ picture, title, marks }: MarkedPicture, id: string, colors: readonly string[]): Markup {
  const { width, height, uri } = picture;
  const description = [title, ...marks.filter(({ tagged }) => tagged).map(spoken)].join("; ");
  return html`<figure class="shot" id="${id}"><a href="#${id}"><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${description}">
<image href="${uri}" width="${width}" height="${height}"/>
${marks.map((mark) => box(mark, width, height, colors))}${marks.filter(({ tagged }) => tagged).map((mark) => tag(mark, width, height))}
</svg></a><figcaption>${title}</figcaption></figure>\n`;
}

const spoken = ({ role, text, note }: Mark) => [role === "truth" ? `in truth ${text}` : `${role} ${text}`, note].filter(Boolean).join(", ");

function box(mark: Mark, width: number, height: number, colors: readonly string[]): Content {
  const [x1, y1, x2, y2] = mark.box;
  const place = html`x="${fixed(x1 * width)}" y="${fixed(y1 * height)}" width="${fixed((x2 - x1) * width)}" height="${fixed((y2 - y1) * height)}"`;
  const color = mark.role === "sample" && html` style="stroke:${colors[mark.label - 1] ?? "#fff"}"`;
  return html`<g class="mark ${mark.role}"><rect class="under" ${place}/><rect class="over" ${place}${color}><title>${spoken(mark)}</title></rect></g>`;
}

const LETTER = 0.66; // of the size: about a capital letter

/** Above the box where there is room, else inside; the truth below, so that a detection on it can be told apart. */
function tag({ box: [x1, y1, , y2], role, text }: Mark, width: number, height: number): Content {
  const size = Math.max(width, height) / 36;
  const [wide, high] = [LETTER * size * [...text].length + size * 0.6, size * 1.35];
  const x = Math.max(Math.min(x1 * width, width - wide), 0);
  const y = role === "truth" ? Math.min(y2 * height, height - high) : y1 * height - high >= 0 ? y1 * height - high : y1 * height;
  return html`<g class="tag ${role}"><rect x="${fixed(x)}" y="${fixed(y)}" width="${fixed(wide)}" height="${fixed(high)}"/><text x="${fixed(x + size * 0.3)}" y="${fixed(y + size)}" font-size="${fixed(size)}">${text}</text></g>`;
}
