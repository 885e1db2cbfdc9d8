import { join } from "node:path";
import { DIFFICULT } from "../../sample.js";
import { className } from "../class-list.js";
import type { PictureFinder } from "../picture-finder.js";
import { insideOf, isFile, isSafeName } from "../places.js";
import { decimal, faultOf, readText, TextFault } from "../text-file.js";
import type { Fault, RawImage, RawObject, XmlNode } from "../types.js";
import type { ListedId, VocPlaces } from "./folder.js";
import { child, parseXml } from "./xml.js";

/**
 * Gives a function that reads one annotation and finds its picture. Whatever is wrong with them stands in the result.
 *
 * @param top no link may lead out of it
 */
export function annotationReader(
  { annotations, label }: VocPlaces,
  { top, findPicture, pixelsFrom }: { top: string; findPicture: PictureFinder; pixelsFrom: number },
): (listed: ListedId) => RawImage {
  const annotationIsInside = insideOf(top);
  return (listed) => {
    const { id, file, line } = listed;
    const fault = (kind: string, message: string): RawImage => {
      return { id, source: file, objects: [], fault: { kind, message, ...(line && { line }) } };
    };
    if (!isSafeName(id)) return fault("unsafe-path", `the name ${JSON.stringify(id)} would lead out of the data set's folder`);
    const source = `${label}${id}.xml`;
    const path = join(annotations, `${id}.xml`);
    if (!isFile(path)) return fault("missing-annotation", `there is no ${source}`);
    if (!annotationIsInside(path)) return fault("unsafe-path", `${source} is a link to a place outside the data set's folder`);
    try {
      return readAnnotation(path, { id, source, pixelsFrom, findPicture });
    } catch (error) {
      return { id, source, objects: [], fault: faultOf(error as Error) };
    }
  };
}

function readAnnotation(
  path: string,
  { id, source, pixelsFrom, findPicture }: { id: string; source: string; pixelsFrom: number; findPicture: PictureFinder },
): RawImage {
  const annotation = parseXml(readText(path, { encodingOf: declaredEncoding }));
  if (annotation.name !== "annotation") throw new TextFault(`<${annotation.name}> where <annotation> should stand`, annotation.line);
  const objects = annotation.children.filter(({ name }) => name === "object").map((node, i) => objectOf(node, i + 1, pixelsFrom));
  const filename = child(annotation, "filename");
  const picture = findPicture(id, filename?.text ?? "");
  const declared = sizeOf(child(annotation, "size"));
  const unsafe = filename?.text && !isSafeName(filename.text);
  const note = {
    kind: "unsafe-path",
    message: `the file name ${JSON.stringify(filename?.text)} is not used: it leads out of the data set's folder`,
  };
  return {
    id,
    source,
    ...(typeof picture === "string" ? { imageFile: picture } : { fault: picture }),
    ...(declared && { declared }),
    objects,
    ...(unsafe && { notes: [{ ...note, line: filename.line }] }),
    origin: { voc: annotation },
  };
}

/** UTF-8 unless the XML declaration names another encoding. */
const declaredEncoding = (head: string) => /^<\?xml[^>]*encoding=["']([\w-]+)["']/.exec(head)?.[1] ?? "utf-8";

function objectOf(node: XmlNode, annotation: number, pixelsFrom: number): RawObject {
  const bounds = child(node, "bndbox");
  const corners = ["xmin", "ymin", "xmax", "ymax"].map((name) => ({ name, text: child(bounds, name)?.text ?? "" }));
  const wrong = corners.find(({ text }) => Number.isNaN(decimal(text)));
  const isMarked = (name: string) => decimal(child(node, name)?.text ?? "") > 0;
  return {
    name: className(child(node, "name")?.text ?? ""),
    box: corners.map(({ text }) => decimal(text) - pixelsFrom) as RawObject["box"],
    flags: isMarked("difficult") ? DIFFICULT : 0,
    line: node.line,
    annotation,
    ...(wrong && { fault: bounds ? cornerFault(wrong) : { kind: "no-box", message: "the object has no bndbox" } }),
    ...(isMarked("truncated") && { truncated: true }),
    ...(isMarked("occluded") && { occluded: true }),
    origin: { voc: node },
  };
}

function cornerFault({ name, text }: { name: string; text: string }): Fault {
  return { kind: "not-a-number", message: text === "" ? `${name} is missing` : `${name} is ${JSON.stringify(text)}, not a number` };
}

/** Zeros, which some tools write, are as good as nothing. */
function sizeOf(size: XmlNode | undefined): RawImage["declared"] {
  const [width, height] = ["width", "height"].map((name) => decimal(child(size, name)?.text ?? "")) as [number, number];
  return width > 0 && height > 0 ? { width, height } : undefined;
}
