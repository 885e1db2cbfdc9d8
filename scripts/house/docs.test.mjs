import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { manifests, root, sources } from "./files.mjs";
import { folderLengths } from "./road.mjs";

const read = (file) => readFileSync(join(root, file), "utf8");
const pages = () => [
  ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md"],
  ...readdirSync(join(root, "docs"), { recursive: true }).flatMap((name) => (name.endsWith(".md") ? [join("docs", name)] : [])),
];

test("the README's tree names every folder of sources", () => {
  const folders = [...folderLengths(sources()).keys()].map((folder) => folder.split("/").at(-1)).filter((name) => name !== "src");
  expect(folders.filter((name) => !read("README.md").includes(`${name}/`))).toEqual([]);
});

test("every dependency has its reason in docs/dependencies.md", () => {
  const all = [JSON.parse(read("package.json")), ...manifests().values()];
  const ours = new Set(all.map(({ name }) => name));
  const named = all.flatMap((manifest) =>
    ["dependencies", "devDependencies", "optionalDependencies"].flatMap((kind) => Object.keys(manifest[kind] ?? {})),
  );
  const page = read("docs/dependencies.md");
  expect(named.filter((name) => !ours.has(name) && !page.includes(`\`${name}\``))).toEqual([]);
});

test("no dependency runs a script when it is installed", () => {
  const { packages } = JSON.parse(read("package-lock.json"));
  const { allowScripts } = JSON.parse(read("package.json"));
  const isDenied = (path) => allowScripts[path.replace("node_modules/", "")] === false;
  const scripted = Object.keys(packages).filter((path) => packages[path].hasInstallScript && !isDenied(path));
  expect(scripted).toEqual([]);
});

test("every link between the pages leads somewhere", () => {
  const links = pages().flatMap((page) => [...read(page).matchAll(/\]\(([^)#:\s]+)\)/g)].map(([, link]) => [page, link]));
  expect(links.filter(([page, link]) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
  expect(links.length).toBeGreaterThan(5);
});
