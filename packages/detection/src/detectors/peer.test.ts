import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeFileAtomic } from "@singleshot/base/atomic-file";
import { expectClose, goldenInput } from "@singleshot/testing";
import { noGrad, ops, scope, serialize, type Tensor, tensor } from "@singleshot/torch";
import { afterAll, beforeAll, describe, test } from "vitest";
import { disposeAll } from "../checkpoints/index.js";
import { merge, recipes, resolveRecipe } from "../recipes/index.js";
import { createDetector, type Detector } from "./index.js";

/** Answers of every network for its picture, with weights of its own, which it saves, then with ours, read with weights_only. */
const program = `
import sys, numpy, torch
try:
    import torchvision
except (RuntimeError, OSError):
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision
from torchvision.models import detection
folder, side = sys.argv[1], int(sys.argv[2])
for name in sys.argv[3:]:
    image = torch.from_numpy(numpy.fromfile(f"{folder}/image.bin", numpy.float32)).reshape(1, 3, side, side)
    model = getattr(detection, name)(weights=None, weights_backbone=None, num_classes=21).eval()
    def answer(file):
        with torch.no_grad():
            heads = model.head(list(model.backbone(image).values()))
        torch.cat([heads["cls_logits"], heads["bbox_regression"]], -1).numpy().tofile(f"{folder}/{name}-{file}.bin")
    torch.save(model.state_dict(), f"{folder}/{name}-theirs.pth")
    answer("with-theirs")
    model.load_state_dict(torch.load(f"{folder}/{name}-ours.pth", weights_only=True)["model"])
    answer("with-ours")
`;

const rows: [theirs: string, ours: string, network?: object][] = [
  ["ssd300_vgg16", "ssd300-vgg16"],
  ["ssdlite320_mobilenet_v3_large", "ssdlite320"],
  ["retinanet_resnet50_fpn", "retinanet-resnet50", { norm: "batch" }],
  ["retinanet_resnet50_fpn_v2", "retinanet-resnet50-v2"],
];

const MINUTE = 60_000; // four networks are built, in both languages

const python = process.env.SINGLESHOT_PYTHON;
const folder = mkdtempSync(join(tmpdir(), "singleshot-"));
const file = (name: string) => join(folder, name);
const SIDE = 320; // of the picture; SSD300 gives its maps for it too
const image = goldenInput({ name: "peer", shape: [1, 3, SIDE, SIDE], block: 16, map: "sym" });
const classes = Array.from({ length: 20 }, (_, i) => `class ${i + 1}`);

function detectorOf(recipe: string, network: object = {}): Detector {
  return createDetector(resolveRecipe(merge(recipes.get(recipe), { detector: { network } })).detector, classes).eval();
}

function answer(detector: Detector): Float32Array {
  return scope(() =>
    noGrad(() => {
      const { logits, deltas } = detector.forward(tensor(image.data, { shape: image.shape }).contiguous({ memoryFormat: "channelsLast" }));
      return ops.cat([logits, deltas], { dim: -1 }).toTypedArray();
    }),
  );
}

function theirAnswer(name: string): Float32Array {
  const bytes = readFileSync(file(name));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
}

/** As fixtures/golden/README.md has it for networks in float32: 5e-5, relative to the value and to the mean of all. */
function expectSameAnswers(ours: Float32Array, theirs: Float32Array): void {
  const mean = theirs.reduce((sum, value) => sum + Math.abs(value), 0) / theirs.length;
  expectClose(ours, theirs, { rtol: 5e-5, atol: 5e-5 * mean });
}

describe.skipIf(!python)(
  `files to and from torchvision${python ? "" : " (skipped: SINGLESHOT_PYTHON names no Python with torchvision)"}`,
  () => {
    const detectors = new Map<string, Detector>();

    beforeAll(() => {
      writeFileAtomic(file("image.bin"), new Uint8Array((image.data as Float32Array).buffer));
      for (const [theirs, ours, network] of rows) {
        const detector = detectorOf(ours, network);
        detectors.set(theirs, detector);
        serialize.save(file(`${theirs}-ours.pth`), new Map([["model", detector.stateDict()]]));
      }
      const names = rows.map(([theirs]) => theirs);
      execFileSync(python!, ["-c", program, folder, String(SIDE), ...names], { stdio: ["ignore", "ignore", "pipe"] });
    }, MINUTE);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test.each(rows)("%s: a file of ours gives the same answers in Python", (theirs) => {
      expectSameAnswers(answer(detectors.get(theirs)!), theirAnswer(`${theirs}-with-ours.bin`));
    });

    test.each(rows)("%s: a file of Python's gives the same answers here", (theirs) => {
      const detector = detectors.get(theirs)!;
      const saved = serialize.load(file(`${theirs}-theirs.pth`)) as Map<string, Tensor>;
      detector.loadStateDict(saved);
      disposeAll(saved);
      expectSameAnswers(answer(detector), theirAnswer(`${theirs}-with-theirs.bin`));
    });
  },
);
