import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../examples/bccd/JPEGImages/", import.meta.url));

/** 278 photographs of 640 x 480. */
export const photographs = () =>
  readdirSync(FOLDER)
    .sort()
    .map((name) => FOLDER + name);
