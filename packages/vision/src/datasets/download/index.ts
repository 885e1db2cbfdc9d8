export { type DownloadOptions, downloadFile, HttpRefusal } from "./file.js";
export { downloadOpenImages, OPEN_IMAGES, type OpenImagesOptions, type OpenImagesResult } from "./openimages.js";
