import { SaxesParser } from "saxes";
import { TextFault } from "../text-file.js";
import type { XmlNode } from "../types.js";

const MAX_DEPTH = 100;

/**
 * Reads well-formed XML. Safe on hostile text: entities a document declares are never expanded (using one is a fault), nothing outside
 * the text is opened, and nothing recurses.
 *
 * @throws TextFault with the line
 */
export function parseXml(text: string): XmlNode {
  const parser = new SaxesParser({ position: true });
  const top: XmlNode = { name: "", line: 0, text: "", children: [] };
  const open = [top];
  parser.on("error", (error) => {
    throw new TextFault(error.message.replace(/^\d+:\d+: /, "").replace(/\.$/, ""), parser.line);
  });
  parser.on("opentag", ({ name }) => {
    if (open.length > MAX_DEPTH) throw new TextFault(`more than ${MAX_DEPTH} elements inside one another`, parser.line);
    const node = { name, line: parser.line, text: "", children: [] };
    open.at(-1)?.children.push(node);
    open.push(node);
  });
  const addText = (part: string) => {
    open.at(-1)!.text += part;
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    const node = open.pop()!;
    node.text = node.text.trim();
  });
  parser.write(text).close();
  return top.children[0]!;
}

/** The first child of that name. */
export function child(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return node?.children.find((candidate) => candidate.name === name);
}
