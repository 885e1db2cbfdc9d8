import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DIFFICULT } from "../sample.js";
import { type PictureFinder, pictureFinder } from "./picture-finder.js";
import { insideOf, isFile, isSafeName } from "./places.js";
import type { Fault, RawImage, RawObject } from "./types.js";
import type { ListedId } from "./voc-folder.js";
import { child, parseXml, XmlFault, type XmlNode } from "./xml.js";

/** No annotation of a picture is that long. */
const MAX_BYTES = 32 * 2 ** 20;

/** Gives a function that reads one annotation and finds its picture. Whatever is wrong with them stands in the result. */
export function annotationReader(root: string, { pictures, offset }: { pictures: string; offset: number }): (listed: ListedId) => RawImage {
  const annotationIsInside = insideOf(root);
  const findPicture = pictureFinder(pictures);
  return (listed) => {
    const { id, file, line } = listed;
    const fault = (kind: string, message: string): RawImage => {
      return { id, source: file, objects: [], fault: { kind, message, ...(line && { line }) } };
    };
    if (!isSafeName(id)) return fault("unsafe-path", `the name ${JSON.stringify(id)} would lead out of the data set's folder`);
    const source = `Annotations/${id}.xml`;
    const path = join(root, source);
    if (!isFile(path)) return fault("missing-annotation", `there is no ${source}`);
    if (!annotationIsInside(path)) return fault("unsafe-path", `${source} is a link to a place outside the data set's folder`);
    try {
      return readAnnotation(path, { id, source, offset, findPicture });
    } catch (error) {
      return { id, source, objects: [], fault: faultOf(error as Error) };
    }
  };
}

function faultOf(error: Error): Fault {
  if (error instanceof XmlFault) return { kind: "broken-annotation", message: error.message, line: error.line };
  if ("code" in error) return { kind: "unreadable", message: error.message }; // the system's word: no permission, a broken disk
  throw error;
}

function readAnnotation(
  path: string,
  { id, source, offset, findPicture }: { id: string; source: string; offset: number; findPicture: PictureFinder },
): RawImage {
  const annotation = parseXml(decodeText(path));
  if (annotation.name !== "annotation") throw new XmlFault(`<${annotation.name}> where <annotation> should stand`, annotation.line);
  const objects = annotation.children.filter(({ name }) => name === "object").map((node, i) => objectOf(node, i + 1, offset));
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
  };
}

/** UTF-8 unless the XML declaration names another encoding. */
function decodeText(path: string): string {
  if (statSync(path).size > MAX_BYTES) throw new XmlFault(`longer than ${MAX_BYTES / 2 ** 20} MB`, 1);
  const bytes = readFileSync(path);
  const encoding = /^<\?xml[^>]*encoding=["']([\w-]+)["']/.exec(bytes.subarray(0, 200).toString("latin1"))?.[1] ?? "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new XmlFault(`not a text in ${encoding}`, 1);
  }
}

function objectOf(node: XmlNode, annotation: number, offset: number): RawObject {
  const bounds = child(node, "bndbox");
  const corners = ["xmin", "ymin", "xmax", "ymax"].map((name) => ({ name, text: child(bounds, name)?.text ?? "" }));
  const wrong = corners.find(({ text }) => Number.isNaN(numberOf(text)));
  return {
    name: child(node, "name")?.text ?? "",
    box: corners.map(({ text }) => numberOf(text) + offset) as RawObject["box"],
    flags: numberOf(child(node, "difficult")?.text ?? "") > 0 ? DIFFICULT : 0,
    line: node.line,
    annotation,
    ...(wrong && { fault: bounds ? cornerFault(wrong) : { kind: "no-box", message: "the object has no bndbox" } }),
  };
}

function cornerFault({ name, text }: { name: string; text: string }): Fault {
  return { kind: "not-a-number", message: text === "" ? `${name} is missing` : `${name} is ${JSON.stringify(text)}, not a number` };
}

/** NaN for what is no decimal number; infinite for what is too large for one. */
function numberOf(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** Zeros, which some tools write, are as good as nothing. */
function sizeOf(size: XmlNode | undefined): RawImage["declared"] {
  const [width, height] = ["width", "height"].map((name) => numberOf(child(size, name)?.text ?? "")) as [number, number];
  return width > 0 && height > 0 ? { width, height } : undefined;
}
