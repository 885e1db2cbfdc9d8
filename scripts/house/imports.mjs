import { posix } from "node:path";
import { isTest } from "./files.mjs";

/** Which of our packages each package may import. `testing` is for tests, whatever package they are in. */
const BELOW = {
  cli: ["server", "detection", "vision", "torch", "base"],
  server: ["detection", "web", "vision", "torch", "base"],
  detection: ["vision", "torch", "base"],
  web: ["vision"],
  vision: ["base"],
  torch: ["base"],
  base: [],
  testing: [],
};
/** detection's folders from top to bottom: a file imports from its own folder and from lower rows. */
const FLOORS = [
  ["report", "pretraining"],
  ["training", "export"],
  ["evaluation", "anchors"],
  ["detectors"],
  ["losses", "backbones", "loader", "checkpoints"],
  ["boxes"],
  ["recipes", "distributed"],
];
const TEST_TOOLS = ["vitest", "fast-check", "puppeteer-core"];

const STATEMENT =
  /^[ \t]*(?:import|export)\b[^"'`;]*?\bfrom\s*["']([^"'\n]+)["']|^[ \t]*import\s*["']([^"'\n]+)["']|\bimport\(\s*["']([^"'\n]+)["']\s*\)/gm;

/** The modules that a source imports or passes on, as written; what stands in comments is left out. */
export function importsOf(text) {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return [...code.matchAll(STATEMENT)].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic);
}

/**
 * All files that are loaded with one of them, and what they load that is no file of ours; types are not loaded.
 * @param sources path from the root → text
 */
export function loadedWith(start, sources) {
  const files = new Set([start]);
  const modules = new Set();
  for (const path of files) {
    const code = sources.get(path).replace(/^[ \t]*(?:import|export)\s+type\b[^"'`;]*?\bfrom\s*["'][^"'\n]+["']/gm, "");
    for (const module of importsOf(code)) {
      if (module.startsWith(".")) files.add(posix.join(posix.dirname(path), module).replace(/\.js$/, ".ts"));
      else modules.add(module);
    }
  }
  return { files: [...files], modules: [...modules] };
}

/**
 * All imports that point the wrong way, one sentence each.
 * @param sources   path from the root → text
 * @param manifests package folder → its package.json
 */
export function wrongImports(sources, manifests) {
  const names = new Map([...manifests].map(([folder, { name }]) => [name, folder]));
  return [...sources].flatMap(([path, text]) =>
    importsOf(text).flatMap((module) => {
      const problem = module.startsWith(".") ? wrongRelative(path, module) : wrongPackage(path, module, { names, manifests });
      return problem ? [`${path} imports "${module}": ${problem}`] : [];
    }),
  );
}

function wrongRelative(path, module) {
  const target = posix.join(posix.dirname(path), module);
  const [, , , ...to] = target.split("/");
  const [, name, , ...from] = path.split("/");
  if (!target.startsWith(`packages/${name}/src/`)) return "another package comes in by its name";
  if (isTest(target)) return isTest(path) ? undefined : "only tests use it";
  if (!isByTheDoor(from, to) && !isDoorOfPackage(from)) return `the folder ${enteredFolder(from, to)}/ comes in by its index.js`;
  return name === "detection" ? wrongFloor(from, to) : undefined;
}

/** The first folder that the way from one file down to another goes into; undefined if it goes into none. */
function enteredFolder(from, to) {
  const shared = to.findIndex((part, i) => i >= from.length - 1 || part !== from[i]);
  return shared < to.length - 1 ? to[shared] : undefined;
}

function isByTheDoor(from, to) {
  const folder = enteredFolder(from, to);
  return folder === undefined || (to.at(-1) === "index.js" && to.at(-2) === folder);
}

/** What the package's own door names is public, whichever file it stands in. */
const isDoorOfPackage = (from) => from.length === 1 && /^(index|node)\.ts$/.test(from[0]);

function wrongFloor(from, to) {
  if (isDoorOfPackage(from)) return undefined; // it opens on every floor
  const [here, there] = [floorOf(from), floorOf(to)];
  const isSameFolder = from.length > 1 && to.length > 1 && from[0] === to[0];
  return isSameFolder || there > here ? undefined : `${placeOf(from)} does not stand above ${placeOf(to)}`;
}

const placeOf = (parts) => (parts.length > 1 ? `${parts[0]}/` : "src/");

/** 0 is the top. A file beside the folders is below them all; a folder without a row is above them all, so that nothing may use it. */
function floorOf(parts) {
  return parts.length > 1 ? FLOORS.findIndex((row) => row.includes(parts[0])) : parts[0].startsWith("index.") ? -1 : FLOORS.length;
}

function wrongPackage(path, module, { names, manifests }) {
  if (module.startsWith("node:")) return undefined;
  const folder = path.split("/")[1];
  const name = module
    .split("/")
    .slice(0, module.startsWith("@") ? 2 : 1)
    .join("/");
  const ours = names.get(name);
  if (ours !== undefined) return wrongNeighbour(path, folder, ours, manifests.get(ours).exports?.[`.${module.slice(name.length)}`]);
  if (isTest(path) && TEST_TOOLS.includes(name)) return undefined;
  return manifests.get(folder).dependencies?.[name] || manifests.get(folder).peerDependencies?.[name]
    ? undefined
    : `packages/${folder}/package.json does not name it`;
}

function wrongNeighbour(path, folder, ours, door) {
  if (!door) return "a package comes in by the doors that its package.json names";
  if (ours === "testing") return isTest(path) || folder === "testing" ? undefined : "only tests use it";
  return BELOW[folder].includes(ours) ? undefined : `${folder} does not stand above ${ours}`;
}
