import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { InputError } from "@singleshot/base";
import { className, readClassList } from "../class-list.js";
import { isPictureName } from "../picture-finder.js";
import { isFile, isFolder, isSafeName } from "../places.js";
import { required, TextFault } from "../text-file.js";
import { readYaml } from "./yaml-text.js";

/** What `data.yaml` says. */
export interface YoloConfig {
  /** number → name */
  names: Map<number, string>;
  /** split → folders of pictures or lists of pictures, existing, from the data set's folder */
  splits: Map<string, string[]>;
}

const SPLITS = ["train", "val", "valid", "test"];
const CLASS_LISTS = ["classes.txt", "labels.txt", "obj.names", "labels/classes.txt"];

/** A folder with a description; with pictures and labels in folders of these names; or with a list of classes and texts beside pictures. */
export function isYoloFolder(root: string): boolean {
  if (configFile(root) !== undefined || isFile(join(root, "obj.names"))) return true;
  if (isFolder(join(root, "images")) && isFolder(join(root, "labels"))) return true;
  return isFile(join(root, "classes.txt")) && readdirSync(root).some(isPictureName);
}

/** The file that describes the set: `data.yaml`, or the only one of that kind that names classes. */
function configFile(root: string): string | undefined {
  const files = readdirSync(root).filter((name) => /\.ya?ml$/.test(name));
  const named = files.find((name) => /^data\.ya?ml$/.test(name));
  if (named !== undefined || files.length !== 1) return named;
  const file = join(root, files[0]!);
  return isFile(file) && /^names\s*:/m.test(readFileSync(file, "latin1").slice(0, 2 ** 20)) ? files[0] : undefined;
}

/**
 * The classes and splits of a set: from its `data.yaml`, else from a list of classes and the usual folders.
 *
 * @throws InputError when the file is broken or nothing names the classes
 */
export function readYoloConfig(root: string, { labels, classes }: { labels?: string; classes?: readonly string[] }): YoloConfig {
  const file = configFile(root);
  const content = file === undefined ? new Map<unknown, unknown>() : required(join(root, file), () => contentOf(join(root, file)));
  const listed = labels ?? CLASS_LISTS.map((name) => join(root, name)).find(isFile);
  const names = content.has("names")
    ? namesIn(content.get("names"), join(root, file!))
    : numbered(listed ? readClassList(listed, { background: true }) : classes);
  if (names === undefined)
    throw new InputError("nothing names the classes", { file: root, fix: "add a data.yaml with names, or classes.txt with one a line" });
  return { names, splits: splitsIn(root, content) };
}

function contentOf(file: string): Map<unknown, unknown> {
  const content = readYaml(file);
  if (content instanceof Map) return content;
  throw new TextFault("not a YAML file with keys and values", 1);
}

const numbered = (names: readonly string[] | undefined) => names && new Map(names.map((name, i) => [i, name]));

/** A list, or numbers with names. */
function namesIn(value: unknown, file: string): Map<number, string> {
  const pairs = value instanceof Map ? [...value] : Array.isArray(value) ? value.map((name, i) => [i, name]) : [];
  const names = pairs.map(([number, name]): [number, string] => [Number(number), isScalar(name) ? className(String(name)) : ""]);
  const wrong = names.findIndex(([number, name]) => !Number.isSafeInteger(number) || number < 0 || name === "");
  if (names.length > 0 && wrong < 0) return new Map(names.sort(([a], [b]) => a - b));
  const problem = names.length === 0 ? "names is neither a list nor numbers with names" : `names: number ${wrong + 1} of them is no name`;
  throw new InputError(problem, { file, fix: "write names: [cat, dog]" });
}

const isScalar = (value: unknown) => typeof value === "string" || typeof value === "number" || typeof value === "boolean";

function splitsIn(root: string, content: ReadonlyMap<unknown, unknown>): Map<string, string[]> {
  const base = content.get("path");
  const bases = [typeof base === "string" ? base : "", ""];
  const splits = new Map<string, string[]>();
  const keys = [...content.keys()].filter(
    (key): key is string => typeof key === "string" && /^[\w.-]+$/.test(key) && !["path", "names", "nc", "download"].includes(key),
  );
  for (const key of keys) {
    const value = content.get(key);
    const entries = (Array.isArray(value) ? value : [value]).filter((entry) => typeof entry === "string" && entry !== "");
    const found = entries.flatMap((entry) => placeOf(root, bases, entry) ?? []);
    if (found.length > 0) splits.set(key, found);
  }
  for (const split of SPLITS) {
    const folder = [`images/${split}`, `${split}/images`].find((place) => isFolder(join(root, place)));
    const usual = folder ?? (isFile(join(root, "obj.names")) && isFile(join(root, `${split}.txt`)) ? `${split}.txt` : undefined); // CVAT, darknet
    if (!splits.has(split) && usual !== undefined && ![...splits.values()].flat().includes(usual)) splits.set(split, [usual]);
  }
  return splits;
}

/**
 * A place that `data.yaml` names, from the data set's folder; undefined where there is none inside it. Roboflow writes `../train/images`
 * for `train/images`, and files that were made elsewhere have paths of there.
 */
function placeOf(root: string, bases: readonly string[], entry: string): string | undefined {
  const asWritten = bases.map((base) => relative(root, resolve(root, base, entry)));
  const candidates = [...asWritten, entry.replace(/^(\.{1,2}[\\/])+/, "")].map((place) => place.replaceAll("\\", "/"));
  return candidates.find((place) => (place === "" || isSafeName(place)) && (isFolder(join(root, place)) || isListFile(join(root, place))));
}

const isListFile = (path: string) => path.endsWith(".txt") && isFile(path);
