import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { NOTHING_HERE, Refusal } from "./refusal.js";

const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  wasm: "application/wasm",
};

/** What the page consists of, and where it lies; nothing else is read from the disk. */
const FILES: Record<string, string> = {
  "/": "@singleshot/web/page/index.html",
  "/page.js": "@singleshot/web/page/page.js",
  "/page.css": "@singleshot/web/page/page.css",
  "/icon.svg": "@singleshot/web/page/icon.svg",
  "/ort/ort-wasm-simd-threaded.mjs": "onnxruntime-web/ort-wasm-simd-threaded.mjs",
  "/ort/ort-wasm-simd-threaded.wasm": "onnxruntime-web/ort-wasm-simd-threaded.wasm",
};

/** A file of the page. @throws Refusal 404 */
export async function pageFile(path: string): Promise<Response> {
  const module = Object.hasOwn(FILES, path) ? FILES[path]! : undefined;
  if (module === undefined) throw new Refusal(404, NOTHING_HERE);
  const bytes = await readFile(fileURLToPath(import.meta.resolve(module)));
  const type = TYPES[module.split(".").at(-1)!]!;
  return new Response(new Uint8Array(bytes), { headers: { "Content-Type": type, "Cache-Control": "no-cache" } });
}
