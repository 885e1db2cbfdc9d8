export { COCO_CLASSES, COCO_NAMES } from "./coco-names.js";
export { disposeAll, type Entries, loadWeights, readEntries, stateDictOf } from "./entries.js";
export { type KeyMap, rename } from "./key-map.js";
export {
  PUBLISHED,
  type Published,
  publishedDetector,
  publishedDigest,
  publishedFile,
  publishedPath,
  publishedUrl,
  publishedWeights,
  requirePublished,
} from "./published.js";
export {
  mobileNetV2KeyToJetson,
  mobileNetV2KeyToSparrow,
  mobileNetV3KeyToSsdlite,
  modernRetinaNetKey,
  resnetKeyToRetinaNet,
  vgg16KeyToGluon,
  vgg16KeyToSsd300,
} from "./torchvision-keys.js";
export { FULLY_CONNECTED, vgg16Layers } from "./vgg16-layers.js";
