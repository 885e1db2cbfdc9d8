import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./files.mjs";

const IMPORTED = /\{([^{}]*)\}\s*(?:from\s*|=\s*await\s+import\(\s*)"(@singleshot\/[^"]+)"/g;

/** What a program takes from our packages: `[name, module]`. */
const taken = (code) =>
  [...code.matchAll(IMPORTED)].flatMap(([, names, module]) =>
    names.split(",").flatMap((name) => {
      const [word] = name.trim().split(/\s+as\s+|:/);
      return word ? [[word, module]] : [];
    }),
  );

test("programs beside the packages take from them what they give", async () => {
  const files = ["bench", "scripts", "examples"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).flatMap((file) =>
      /(?<!\.test)\.mjs$/.test(file) ? [join(root, folder, file)] : [],
    ),
  );
  const missing = [];
  for (const file of files)
    for (const [name, module] of taken(readFileSync(file, "utf8"))) {
      const given = await import(module);
      if (!(name in given)) missing.push(`${file}: ${module} has no ${name}`);
    }
  expect(files.length).toBeGreaterThan(20);
  expect(missing).toEqual([]);
});

test("taken", () => {
  const code =
    'import { a, b as c } from "@singleshot/x";\nconst { d, e: f } = await import("@singleshot/y");\nimport g from "@singleshot/z";';
  expect(taken(code)).toEqual([
    ["a", "@singleshot/x"],
    ["b", "@singleshot/x"],
    ["d", "@singleshot/y"],
    ["e", "@singleshot/y"],
  ]);
});
