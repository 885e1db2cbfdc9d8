/** An element of a page. */
export interface PageElement {
  name: string;
  attributes: Map<string, string>;
  /** that stands directly in it */
  text: string;
}

const TAG = /<!doctype html>|<\/([a-z][a-z0-9]*)>|<([a-z][a-z0-9]*)((?:\s+[a-z][a-z0-9:-]*="[^"<>]*")*)\s*(\/?)>/gi;
const ATTRIBUTE = /\s+([a-z][a-z0-9:-]*)="([^"]*)"/gi;
const ENTITIES: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&#96;": "`" };

/**
 * The elements of a page that is written strictly: every element is closed, every attribute quoted, every other `<` and `>` escaped.
 * @throws Error where it is not
 */
export function elementsOf(page: string): PageElement[] {
  const [elements, open]: PageElement[][] = [[], []];
  let end = 0;
  for (const match of page.matchAll(TAG)) {
    const [tag, closed, name, attributes = "", single] = match;
    addText(page.slice(end, match.index), open!.at(-1));
    end = match.index + tag.length;
    if (closed !== undefined) close(open!, closed);
    if (name === undefined) continue;
    const element = { name, attributes: attributesOf(attributes), text: "" };
    elements!.push(element);
    if (!single) open!.push(element);
  }
  addText(page.slice(end), undefined);
  if (open!.length > 0) throw new Error(`<${open!.at(-1)!.name}> is never closed`);
  return elements!;
}

function close(open: PageElement[], name: string): void {
  const last = open.pop();
  if (last?.name !== name) throw new Error(`</${name}> closes <${last?.name}>`);
}

function attributesOf(text: string): Map<string, string> {
  const pairs = [...text.matchAll(ATTRIBUTE)].map(([, name, value]): [string, string] => [name!, plain(value!)]);
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new Error(`an attribute is given twice:${text}`);
  return new Map(pairs);
}

function addText(text: string, element: PageElement | undefined): void {
  const isStyle = element?.name === "style";
  if (!isStyle && /[<>]/.test(text)) throw new Error(`not escaped: ${text.trim().slice(0, 80)}`);
  if (!element && text.trim() !== "") throw new Error(`outside of everything: ${text.trim().slice(0, 80)}`);
  if (element) element.text += isStyle ? text : plain(text);
}

function plain(text: string): string {
  return text.replace(/&[#a-z0-9]*;?/gi, (entity) => {
    const letter = ENTITIES[entity];
    if (letter === undefined) throw new Error(`not an entity that is used here: ${entity}`);
    return letter;
  });
}

const REFERRING = ["href", "src", "srcset", "xlink:href", "action", "formaction", "poster", "background", "data", "ping"];

/** All that a page would fetch or lead to, but for places in itself and data that it carries. */
export function outsideReferences(page: string): string[] {
  return elementsOf(page).flatMap(({ name, attributes, text }) => {
    const references = REFERRING.flatMap((attribute) => attributes.get(attribute) ?? []);
    const styles = [attributes.get("style") ?? "", name === "style" ? text : ""].flatMap(
      (style) => style.match(/url\([^)]*\)|@import[^;]*/g) ?? [],
    );
    return [...references.filter((target) => !/^(#|data:)/.test(target)), ...styles];
  });
}

/** Elements and attributes through which a page could run something. */
export function runningParts(page: string): string[] {
  return elementsOf(page).flatMap(({ name, attributes }) => [
    ...(["script", "iframe", "object", "embed", "form", "base"].includes(name) ? [name] : []),
    ...[...attributes.keys()].filter((attribute) => attribute.startsWith("on")),
  ]);
}
