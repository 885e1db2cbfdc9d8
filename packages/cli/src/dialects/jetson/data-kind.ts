import type { DataFlags } from "../../options/index.js";

const kinds = {
  voc: { dataset: "voc", pixelsFrom: 1 }, // 1 is taken off every coordinate
  open_images: { dataset: "openimages", groups: "objects" }, // it does not look at what is marked beside the box
} satisfies Record<string, DataFlags>;

/** A data set's kind in our own words, and how pytorch-ssd understands it. */
export const kindOf = (type: keyof typeof kinds): DataFlags => kinds[type];
