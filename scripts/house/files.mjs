import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export const packageNames = () => readdirSync(join(root, "packages")).sort();

/** A test, or what tests share in a folder `testing/` beside them. */
export const isTest = (path) => path.endsWith(".test.ts") || /\/src\/(.*\/)?testing\//.test(path);

/** Every TypeScript source of the packages: path from the root, with forward slashes → text. */
export function sources() {
  const texts = new Map();
  for (const name of packageNames()) {
    const files = readdirSync(join(root, "packages", name, "src"), { recursive: true }).filter((file) => file.endsWith(".ts"));
    for (const file of files.sort()) {
      const path = ["packages", name, "src", ...file.split(/[\\/]/)].join("/");
      texts.set(path, readFileSync(join(root, path), "utf8"));
    }
  }
  return texts;
}

/** Every package's folder name → its package.json. */
export function manifests() {
  return new Map(packageNames().map((name) => [name, JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"))]));
}
