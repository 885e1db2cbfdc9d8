import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { evaluateCoco, fromCocoJson } from "../index.js";
import { randomCoco } from "../testing/random-coco.js";

const python = process.env.SINGLESHOT_PYTHON;
const found = python !== undefined && spawnSync(python, ["-c", "import pycocotools.cocoeval"]).status === 0;
const count = 200 * Number(process.env.FUZZ_SCALE ?? 1);

/** Prints, for each set, the twelve numbers and a digest of each array of curves. */
const PROGRAM = `
import contextlib, hashlib, io, json, sys
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
def evaluate(annotations, detections):
    truth = COCO()
    truth.dataset = annotations
    truth.createIndex()
    run = COCOeval(truth, truth.loadRes(detections), "bbox")
    run.evaluate(); run.accumulate(); run.summarize()
    digest = lambda name: hashlib.sha256(run.eval[name].astype("<f8").tobytes()).hexdigest()
    return {"stats": list(run.stats), "curves": {name: digest(name) for name in ("precision", "recall", "scores")}}
with contextlib.redirect_stdout(io.StringIO()):
    results = [evaluate(**entry) for entry in json.load(open(sys.argv[1]))]
print(json.dumps(results))
`;

describe("pycocotools itself", () => {
  if (!found) {
    test.skip("needs SINGLESHOT_PYTHON, a Python that has pycocotools");
    return;
  }
  test(`gives the same bits on ${count} random sets`, { timeout: 600_000 }, () => {
    const sets = Array.from({ length: count }, (_, seed) => randomCoco(1000 + seed));
    const theirs = inPython(sets);
    sets.forEach((set, i) => {
      const { groundTruth, detections, classes } = fromCocoJson(set.annotations, set.detections);
      const { stats, curves } = evaluateCoco(groundTruth, detections, { classes });
      const { precision, recall, scores } = curves;
      const ours = { stats, curves: { precision: digest(precision), recall: digest(recall), scores: digest(scores) } };
      expect(ours, `random set ${1000 + i}`).toEqual(theirs[i]);
    });
  });
});

const digest = (values: Float64Array) => createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex");

function inPython(sets: unknown): unknown[] {
  const folder = mkdtempSync(join(tmpdir(), "coco-"));
  try {
    const file = join(folder, "sets.json");
    writeFileSync(file, JSON.stringify(sets));
    return JSON.parse(execFileSync(python!, ["-c", PROGRAM, file], { encoding: "utf8", maxBuffer: 2 ** 28 }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
