import { InputError } from "@singleshot/base";
import { dataView, uint64 } from "./bytes.js";
import type { InputFile } from "./input-file.js";

export type FileFormat = "pth-zip" | "pth-legacy" | "safetensors";

/** What people take for a model file, by its first characters. */
const lookalikes: [RegExp, problem: string, fix: string][] = [
  [/^\s*<(!doctype|html|\?xml)/i, "a web page, not a model", "download the file itself; the page may say why it was not given"],
  [/^version https:\/\/git-lfs/, "a Git LFS pointer, not the model itself", "run: git lfs pull"],
  [/^.{257}ustar/s, "a tar archive, not a model that can be read", "save it again with PyTorch 1.6 or later"],
];

/** Tells by its first bytes, not by its name, what a model file is; refuses what is none. */
export function sniffFormat(file: InputFile): FileFormat {
  if (file.size === 0) throw new InputError("the file is empty", { fix: "get it again from its source" });
  const head = file.read(0, Math.min(file.size, 512));
  const text = Buffer.from(head).toString("latin1");
  if (text.startsWith("PK\x03\x04")) return "pth-zip";
  if (text[8] === "{" && uint64(dataView(head), 0) <= 2 ** 32) return "safetensors";
  if (text[0] === "\x80") return "pth-legacy";
  const [, problem, fix] = lookalikes.find(([pattern]) => pattern.test(text)) ?? [];
  throw new InputError(problem ?? "not a model file: neither a PyTorch checkpoint nor safetensors", {
    fix: fix ?? "check what was downloaded",
  });
}
