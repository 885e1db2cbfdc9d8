export { CLASSES, expectedPictures, type Layout, writeDirt } from "./dirt.js";
export { expectConsistent, expectUsable, messageOf, summary } from "./expect.js";
export { digest, type Files, jpeg, png, scratchFolder, turned, writeFiles } from "./files.js";
