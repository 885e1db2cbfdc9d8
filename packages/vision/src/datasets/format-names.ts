/** The words for the formats that are read and written, in the order in which they are tried. */
export const formatNames = ["voc", "coco", "openimages", "yolo", "list", "folder"] as const;

export type FormatName = (typeof formatNames)[number];
