/** Text of a page that is safe as it stands. Only `html` makes it. */
export interface Markup {
  readonly markup: string;
}

export type Content = Markup | string | number | false | null | undefined | readonly Content[];

/**
 * A piece of a page. What is put in is escaped unless it was made by `html` itself, in text and in quoted attributes alike, so that no
 * class and no file can be called something that does more than be read.
 *
 *     html`<td title="${name}">${name}</td>`
 */
export function html(parts: TemplateStringsArray, ...values: Content[]): Markup {
  return { markup: parts.reduce((page, part, i) => page + write(values[i - 1]) + part) };
}

function write(content: Content): string {
  if (content === false || content === null || content === undefined) return "";
  if (typeof content === "string" || typeof content === "number") return escaped(String(content));
  return "markup" in content ? content.markup : content.map(write).join("");
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "`": "&#96;" };

/** Characters that steer instead of being read: controls but line ends and tabs, changes of direction, halves of characters. */
const STEERING = /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu;

function escaped(text: string): string {
  return text.replace(/[&<>"'`]/g, (letter) => ENTITIES[letter]!).replace(STEERING, "\uFFFD");
}
