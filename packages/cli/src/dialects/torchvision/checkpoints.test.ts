import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createDetector } from "@singleshot/detection";
import { COCO_NAMES } from "@singleshot/detection/published";
import { recipes, resolveRecipe } from "@singleshot/detection/recipes";
import { serialize } from "@singleshot/torch";
import { beforeAll, describe, expect, test } from "vitest";
import { runHere, temporaryFolder, writeTinyCoco } from "../../testing/index.js";

const folder = temporaryFolder();
const at = (...parts: string[]) => join(folder, ...parts);
const checkpoint = at("model_0.pth");

/** As train.py leaves it behind its first epoch: 91 classes that it does not name, whatever the data set has. */
beforeAll(async () => {
  const { detector } = resolveRecipe(recipes.get("ssdlite320"));
  const model = createDetector(detector, Array(90).fill("?"));
  const params = [...model.parameters().keys()].map((_, i) => i);
  const optimizer = new Map<string, unknown>([
    ["state", new Map()],
    ["param_groups", [new Map<string, unknown>([["params", params]])]],
  ]);
  const entries: [string, unknown][] = [
    ["model", model.stateDict()],
    ["optimizer", optimizer],
    ["lr_scheduler", new Map()],
    ["args", new Map()],
    ["epoch", 0],
  ];
  serialize.save(checkpoint, new Map(entries) as never);
  model.dispose();
  await writeTinyCoco(at("coco"));
  await writeTinyCoco(at("parts"), { 1: { id: 2, name: "bolt" }, 2: { id: 7, name: "nut" } });
});

const train = (data: string, ...flags: string[]) =>
  runHere("torchvision", "train", "--data-path", at(data), "--model", "ssdlite320_mobilenet_v3_large", "--device=cpu", ...flags);

describe("a checkpoint that train.py wrote", () => {
  test.each(["coco", "parts"])("is measured on %s", async (data) => {
    const { code, stdout, stderr } = await train(data, "--test-only", "--resume", checkpoint);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^ Average Precision {2}\(AP\) @\[ IoU=0\.50:0\.95 \| area= {3}all \| maxDets=100 \] = 0\.\d{3}$/m);
  });

  test("is used by our own commands, which are told its recipe, and becomes a file that names it", async () => {
    const picture = at("coco/images/part-09.png");
    const recipe = ["--recipe", "ssdlite320"];
    const evaluated = await runHere("eval", checkpoint, ...recipe, "--data", at("coco"));
    expect([evaluated.code, evaluated.stderr]).toEqual([0, ""]);
    const exported = await runHere("export", checkpoint, ...recipe, "--format", "pth", "--out", at("named.pth"));
    expect([exported.code, exported.stderr]).toEqual([0, ""]);
    const [told, named] = [await runHere("predict", checkpoint, picture, ...recipe), await runHere("predict", at("named.pth"), picture)];
    expect(told).toEqual(named);
    const again = await runHere("predict", at("named.pth"), picture, ...recipe);
    expect([again.code, again.stderr]).toEqual([2, `${at("named.pth")}: it says itself what it is. Leave --recipe out.\n`]);
    const measured = await train("coco", "--test-only", "--dataset=auto", "--resume", at("named.pth"));
    expect([measured.code, measured.stdout.match(/^\S+: \d+ pictures/gm)]).toEqual([0, [expect.any(String)]]);
  });

  test("has the classes of --labels where its recipe is said, and the data set its own", async () => {
    writeFileSync(at("names.txt"), COCO_NAMES.join("\n"));
    expect(await runHere("data", "convert", at("coco"), "--to", "list", "--out", at("list"))).toMatchObject({ code: 0 });
    const evaluated = (...more: string[]) => runHere("eval", checkpoint, "--recipe", "ssdlite320", "--data", at("list"), ...more, "--json");
    const [named, usual] = [await evaluated("--labels", at("names.txt")), await evaluated()];
    const perClass = ({ stdout }: { stdout: string }) => JSON.parse(stdout).classes;
    expect([named.code, perClass(named)]).toEqual([0, perClass(usual)]);
  });

  test("is refused where nobody says what it is", async () => {
    expect(await runHere("predict", checkpoint, at("coco/images/part-09.png"))).toEqual({
      ...{ code: 2, stdout: "" },
      stderr: `${checkpoint}: the file has weights, but not the recipe and classes that belong to them. Name its recipe with --recipe, its classes with --labels (\`serve\`: write a file that has them with \`singleshot export\`).\n`,
    });
    expect((await runHere("predict", checkpoint, "photo.jpg", "--labels", "names.txt")).stderr).toBe(
      "--labels goes with --recipe. Leave it out: other files name their classes themselves.\n",
    );
  });

  test("is gone on with, and so is ours", async () => {
    const flags = ["--batch-size=8", "--workers=1", "--output-dir", at("out")];
    const { code, stdout } = await train("parts", "--resume", checkpoint, "--epochs=2", ...flags);
    expect(code).toBe(0);
    expect(stdout).toContain("\nEpoch: [1]  [0/1]  eta: ");
    expect([existsSync(at("out/model_0.pth")), existsSync(at("out/model_1.pth"))]).toEqual([false, true]);
    const saved = serialize.load(at("out/model_1.pth")) as Map<string, Map<string, { shape: number[] }>>;
    expect(saved.get("model")!.get("head.classification_head.module_list.0.1.weight")!.shape[0]).toBe(6 * 91);
  });

  test("is refused where the data set's own classes are wanted", async () => {
    const { code, stderr } = await train("parts", "--test-only", "--dataset=auto", "--resume", checkpoint);
    expect([code, stderr]).toEqual([
      2,
      `${checkpoint}: its weights are for 90 classes, and there are 2. Name the classes that it was trained for; a training for others starts from it with --weights.\n`,
    ]);
  });
});
