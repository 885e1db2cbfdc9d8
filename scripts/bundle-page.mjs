#!/usr/bin/env node
/** Makes the page that `singleshot serve` gives: one script, of what tsc has compiled, and the files beside it. */
import { copyFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const web = join(dirname(dirname(fileURLToPath(import.meta.url))), "packages", "web");

await build({
  input: join(web, "dist", "page", "main.js"),
  resolve: { conditionNames: ["onnxruntime-web-use-extern-wasm", "import", "default"] }, // its .wasm and .mjs lie beside, for its threads load them too
  output: { file: join(web, "dist", "page", "page.js"), format: "esm", minify: true },
  logLevel: "warn",
});
for (const name of ["index.html", "page.css", "icon.svg"]) copyFileSync(join(web, "src", "page", name), join(web, "dist", "page", name));
