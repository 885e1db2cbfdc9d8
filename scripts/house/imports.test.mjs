import { describe, expect, test } from "vitest";
import { manifests, sources } from "./files.mjs";
import { importsOf, loadedWith, wrongImports } from "./imports.mjs";

describe("the house", () => {
  test("imports point down only, and by the doors", () => {
    expect(wrongImports(sources(), manifests())).toEqual([]);
  });

  test("vision's package.json knows no torch", () => {
    const { dependencies = {}, peerDependencies = {}, optionalDependencies = {} } = manifests().get("vision");
    const names = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
    expect(names.filter((name) => name.includes("torch"))).toEqual([]);
  });

  test("web stands on vision and onnxruntime-web alone", () => {
    const { dependencies } = manifests().get("web");
    expect(Object.keys(dependencies)).toEqual(["@singleshot/vision", "onnxruntime-web"]);
    const { modules } = loadedWith("packages/web/src/page/main.ts", sources());
    expect(modules.sort()).toEqual(["@singleshot/vision", "onnxruntime-web/wasm"]);
  });

  test("vision's door for everywhere loads nothing that a browser lacks", () => {
    const { files, modules } = loadedWith("packages/vision/src/index.ts", sources());
    expect(modules.sort()).toEqual(["@bufbuild/protobuf/wire", "@singleshot/base"]); // plain JavaScript, without Node and without dependencies
    expect(loadedWith("packages/base/src/index.ts", sources()).modules).toEqual([]);
    expect(files).toContain("packages/vision/src/metrics/coco/coco.ts");
    const text = ['import { a } from "./b.js";', 'import type { C } from "./c.js";'].join("\n");
    const samples = new Map([
      ["x/a.ts", text],
      ["x/b.ts", 'export { readFileSync } from "node:fs";'],
    ]);
    expect(loadedWith("x/a.ts", samples)).toEqual({ files: ["x/a.ts", "x/b.ts"], modules: ["node:fs"] });
  });
});

describe("the reader of imports", () => {
  test("sees every form of import and no comment", () => {
    const text = `
      import a, { b } from "one";
      import type { C } from 'two';
      import "three";
      export * from "./four.js";
      export {
        d,
      } from "./five.js";
      const e = await import("./six.js");
      // import f from "seven";
      /* import g from "eight"; */`;
    expect(importsOf(text)).toEqual(["one", "two", "three", "./four.js", "./five.js", "./six.js"]);
  });

  const samples = {
    "packages/vision/src/a.ts": ["@singleshot/torch", "vision does not stand above torch"],
    "packages/torch/src/a.ts": ["@singleshot/detection", "torch does not stand above detection"],
    "packages/web/src/a.ts": ["@singleshot/detection", "web does not stand above detection"],
    "packages/detection/src/b.ts": ["@singleshot/server", "detection does not stand above server"],
    "packages/server/src/a.ts": ["@singleshot/detection", undefined],
    "packages/detection/src/boxes/a.ts": ["../losses/index.js", "boxes/ does not stand above losses/"],
    "packages/detection/src/losses/a.ts": ["../backbones/index.js", "losses/ does not stand above backbones/"],
    "packages/detection/src/detectors/a.ts": ["../boxes/anchors.js", "the folder boxes/ comes in by its index.js"],
    "packages/detection/src/odd/a.test.ts": ["../training/index.js", undefined],
    "packages/detection/src/training/a.ts": ["../odd/index.js", "training/ does not stand above odd/"],
    "packages/detection/src/a.ts": ["./boxes/index.js", "src/ does not stand above boxes/"],
    "packages/cli/src/a.ts": ["../../vision/src/index.js", "another package comes in by its name"],
    "packages/cli/src/b.ts": ["@singleshot/vision/dist/index.js", "a package comes in by the doors that its package.json names"],
    "packages/cli/src/c.ts": ["@singleshot/testing", "only tests use it"],
    "packages/cli/src/d.ts": ["left-pad", "packages/cli/package.json does not name it"],
    "packages/cli/src/e.ts": ["vitest", "packages/cli/package.json does not name it"],
    "packages/cli/src/commands/f.ts": ["./deeper/still/index.js", "the folder deeper/ comes in by its index.js"],
    "packages/cli/src/commands/index.ts": ["../g.js", undefined],
    "packages/cli/src/h.test.ts": ["@singleshot/testing", undefined],
    "packages/detection/src/training/b.ts": ["../boxes/index.js", undefined],
    "packages/detection/src/report/a.ts": ["../training/index.js", undefined],
    "packages/detection/src/report/b.ts": ["./html/page.js", "the folder html/ comes in by its index.js"],
    "packages/detection/src/anchors/a.ts": ["../evaluation/index.js", "anchors/ does not stand above evaluation/"],
    "packages/detection/src/training/c.ts": ["../sizes.js", undefined],
    "packages/detection/src/training/d.ts": ["../index.js", "training/ does not stand above src/"],
    "packages/detection/src/losses/e.ts": ["../testing/numbers.js", "only tests use it"],
    "packages/detection/src/losses/e.test.ts": ["../testing/numbers.js", undefined],
    "packages/torch/src/serialize/f.ts": ["./testing/files.js", "only tests use it"],
    "packages/torch/src/serialize/testing/g.ts": ["vitest", undefined],
    "packages/vision/src/index.ts": ["./datasets/types.js", undefined],
    "packages/detection/src/testing/index.ts": ["@singleshot/testing", undefined],
    "packages/detection/src/index.ts": ["./training/index.js", undefined],
  };
  test.each(Object.entries(samples))("judges %s", (path, [module, problem]) => {
    const found = wrongImports(new Map([[path, `import { x } from "${module}";`]]), manifests());
    expect(found).toEqual(problem ? [`${path} imports "${module}": ${problem}`] : []);
  });
});
