import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pretrainingRecipes, recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { beforeAll, describe, expect, test } from "vitest";
import { PROGRAM, singleshot, temporaryFolder, writeTinyModel } from "../testing/index.js";

const cwd = temporaryFolder();
const at = (...names: string[]) => join(cwd, ...names);
const readJson = (name: string) => JSON.parse(readFileSync(at(name), "utf8"));

beforeAll(() => writeTinyModel(at("model.pth")), 60_000);

describe("without libtorch", () => {
  const env = { SINGLESHOT_ADDON: "there-is-none.node" }; // what loads it fails

  test("inspect lists what is in a model", async () => {
    const { code, stdout, stderr } = await singleshot(["inspect", "model.pth"], { cwd, env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^model\.pth: PyTorch checkpoint, \d+ tensors with [\d,]+ numbers\n\nclasses: bolt, nut\n\nsettings:\n {2}recipe: \{"name":"tiny".*… \([\d,]+ characters\)\n\ntensor +type +shape\nmodel\.backbone\.features\.0\.0\.0\.weight +float32 +\[8, 3, 3, 3\]\n/,
    );
  });

  test("inspect --json --digest", async () => {
    const { stdout } = await singleshot(["inspect", "--json", "--digest", "model.pth"], { cwd, env });
    const { format, metadata, classes, tensors } = JSON.parse(stdout);
    expect([format, Object.keys(metadata), classes]).toEqual(["pth-zip", ["classes", "recipe"], ["bolt", "nut"]]);
    expect(tensors[0]).toEqual({
      key: "model.backbone.features.0.0.0.weight",
      dtype: "float32",
      shape: [8, 3, 3, 3],
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test("recipes lists all, and prints one that train takes back", async () => {
    const list = await singleshot(["recipes"], { cwd, env });
    expect(list.stdout).toContain(
      "\nssdlite320\n  SSDlite on MobileNetV3-Large at 320 × 320, as published: trained from a random backbone on COCO\n",
    );
    expect(list.stdout).toContain(
      "  published: mAP 67.55 % on VOC2007 test (voc07), by the published file: from MobileNetV1 trained on ImageNet, on VOC2007 and 2012, 24 pictures a step, 200 epochs\n",
    );
    const { stdout } = await singleshot(["recipes", "ssdlite320"], { cwd, env });
    expect(JSON.parse(stdout)).toEqual(resolveRecipe(recipes.get("ssdlite320")));
    const json = await singleshot(["recipes", "--json"], { cwd, env });
    expect(JSON.parse(json.stdout).map(({ name }: { name: string }) => name)).toEqual([...recipes.keys(), ...pretrainingRecipes.keys()]);
  });

  test("doctor says that it does not load", async () => {
    const { code, stdout } = await singleshot(["doctor", "--json"], { cwd, env });
    const { ok, checks } = JSON.parse(stdout);
    expect({ code, ok }).toEqual({ code: 2, ok: false });
    expect(checks.at(-1)).toEqual({
      name: "libtorch",
      ok: false,
      found: expect.stringContaining("there-is-none.node"),
      fix: "Run `npm run setup`; it says what it finds.",
    });
  });

  test("the others say what to do", async () => {
    const { code, stderr } = await singleshot(["eval", "model.pth", "--data", "photos"], { cwd, env });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^libtorch cannot be loaded: .*there-is-none\.node.*\. Run `npm run setup`; `singleshot doctor` tells more\.\n$/,
    );
  });
});

test("doctor examines everything", async () => {
  const { stdout } = await singleshot(["doctor", "--json", "doctor.json"], { cwd });
  const { checks } = readJson("doctor.json");
  const names = [
    "Node.js",
    "memory",
    "disk",
    "pictures",
    "libtorch",
    "addon",
    "threads",
    "GPUs",
    "operators and gradients",
    "matrix product",
  ];
  expect(checks.map(({ name }: { name: string }) => name)).toEqual(names);
  expect(stdout.split("\n").slice(0, 1)).toEqual([`ok    Node.js: ${process.versions.node}`]);
  for (const { ok, found, fix } of checks)
    expect([typeof ok, typeof found, typeof fix]).toEqual(["boolean", "string", ok ? "undefined" : "string"]);
});

test("a reader who has seen enough ends a command quietly", () => {
  const line = `"${process.execPath}" "${PROGRAM}" inspect --json --digest model.pth | head -1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync("bash", ["-c", line], { cwd, encoding: "utf8" });
  expect({ stdout, stderr }).toEqual({ stdout: "{\n0\n", stderr: "" });
});
