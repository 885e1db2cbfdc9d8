export { colorOfClass } from "./color-of-class.js";
export { type ContactSheetOptions, contactSheet } from "./contact-sheet.js";
export { cropPicture } from "./crop.js";
export { decodeBytes, decodePicture, loadSample } from "./decode.js";
export { type DrawOptions, drawDetections } from "./draw.js";
export { type CellAnchors, drawAnchors } from "./draw-anchors.js";
export { type EmbeddedPicture, embedPicture } from "./embed.js";
export { encodePicture, writePicture } from "./encode.js";
export { MAX_PIXELS, type PictureInfo, probePicture } from "./probe.js";
