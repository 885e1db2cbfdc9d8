import type { XmlNode } from "../types.js";

export function element(name: string, content: string | number | XmlNode[]): XmlNode {
  const isText = !Array.isArray(content);
  return { name, line: 0, text: isText ? String(content) : "", children: isText ? [] : content };
}

/** An element as text, indented. */
export function xmlText({ name, text, children }: XmlNode, indent = ""): string {
  if (children.length === 0) return `${indent}<${name}>${escaped(text)}</${name}>\n`;
  return `${indent}<${name}>\n${children.map((node) => xmlText(node, `${indent}  `)).join("")}${indent}</${name}>\n`;
}

/** What XML cannot hold at all (control characters) is left out. */
function escaped(text: string): string {
  const allowed = [...text].filter((letter) => letter >= " " || "\t\n\r".includes(letter)).join("");
  return allowed.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\r", "&#13;");
}
