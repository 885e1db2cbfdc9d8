import { join } from "node:path";
import { DIFFICULT } from "../../sample.js";
import type { RawObject, XmlNode } from "../types.js";
import {
  allImages,
  copyPictures,
  type DatasetWriter,
  labelsText,
  lines,
  pictureName,
  type WrittenImage,
  writeText,
} from "../writing/index.js";
import { element, xmlText } from "./xml-text.js";

/** Writes Pascal VOC: what an annotation of that format held beside the boxes stays in it. */
export const writeVoc: DatasetWriter = async (out, dataset) => {
  const images = allImages(dataset);
  await writeText(join(out, "labels.txt"), labelsText(dataset.classes));
  for (const image of images) await writeText(join(out, "Annotations", `${image.id}.xml`), xmlText(annotationOf(image)));
  for (const { name, images } of dataset.splits) {
    if (name !== undefined) await writeText(join(out, "ImageSets/Main", `${name}.txt`), lines(images.map(({ id }) => id)));
  }
  await copyPictures(images, (image) => join(out, "JPEGImages", pictureName(image)));
};

function annotationOf(image: WrittenImage): XmlNode {
  const { width, height, objects, origin } = image;
  const size = element("size", [element("width", width), element("height", height), element("depth", 3)]);
  const kept = (origin?.voc?.children ?? []).filter(({ name }) => !["filename", "size", "object", "path"].includes(name));
  return element("annotation", [element("filename", pictureName(image)), size, ...kept, ...objects.map(objectOf)]);
}

function objectOf({ name, box, flags, truncated, occluded, origin }: RawObject): XmlNode {
  const marks = [
    element("truncated", truncated ? 1 : 0),
    element("difficult", flags & DIFFICULT ? 1 : 0),
    ...(occluded ? [element("occluded", 1)] : []),
  ];
  const bounds = ["xmin", "ymin", "xmax", "ymax"].map((side, i) => element(side, box[i]!));
  const written = ["name", "bndbox", ...marks.map((mark) => mark.name)];
  const kept = (origin?.voc?.children ?? []).filter((node) => !written.includes(node.name));
  return element("object", [element("name", name), ...marks, element("bndbox", bounds), ...kept]);
}
