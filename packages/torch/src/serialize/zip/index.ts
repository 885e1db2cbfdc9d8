export { crc32, crc32ByTable } from "./crc32.js";
export { readRecord, readZipDirectory, type ZipRecord } from "./reader.js";
export { zipArchive } from "./writer.js";
