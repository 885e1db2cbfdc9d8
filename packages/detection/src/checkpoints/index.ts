export { disposeAll, type Entries, loadWeights, readEntries } from "./entries.js";
export { type KeyMap, rename } from "./key-map.js";
export { mobileNetV3KeyToSsdlite, modernRetinaNetKey, resnetKeyToRetinaNet, vgg16KeyToSsd300 } from "./torchvision-keys.js";
