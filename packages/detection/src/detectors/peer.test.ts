import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectClose, goldenInput } from "@singleshot/testing";
import { noGrad, ops, scope, serialize, type Tensor, tensor } from "@singleshot/torch";
import { afterAll, beforeAll, describe, test } from "vitest";
import { recipes, resolveRecipe } from "../recipes/index.js";
import { createDetector, type Detector } from "./index.js";

/** Answers for a picture with weights of its own, which it saves, then with ours, read with weights_only. */
const program = `
import sys, numpy, torch
try:
    import torchvision
except (RuntimeError, OSError):
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision
from torchvision.models.detection import ssdlite320_mobilenet_v3_large
folder = sys.argv[1]
image = torch.from_numpy(numpy.fromfile(f"{folder}/image.bin", numpy.float32)).reshape(1, 3, 320, 320)
model = ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=21).eval()
def answer(name):
    with torch.no_grad():
        heads = model.head(list(model.backbone(image).values()))
    torch.cat([heads["cls_logits"], heads["bbox_regression"]], -1).numpy().tofile(f"{folder}/{name}")
torch.save(model.state_dict(), f"{folder}/theirs.pth")
answer("with-theirs.bin")
model.load_state_dict(torch.load(f"{folder}/ours.pth", weights_only=True)["model"])
answer("with-ours.bin")
`;

const python = process.env.SINGLESHOT_PYTHON;
const folder = mkdtempSync(join(tmpdir(), "singleshot-"));
const file = (name: string) => join(folder, name);
const image = goldenInput({ name: "peer", shape: [1, 3, 320, 320], block: 16, map: "sym" });

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

describe.skipIf(!python)(
  `files to and from torchvision${python ? "" : " (skipped: SINGLESHOT_PYTHON names no Python with torchvision)"}`,
  () => {
    const detector = createDetector(
      resolveRecipe(recipes.get("ssdlite320")).detector,
      Array.from({ length: 20 }, (_, i) => `class ${i + 1}`),
    ).eval();

    beforeAll(() => {
      serialize.writeFileAtomic(file("image.bin"), new Uint8Array((image.data as Float32Array).buffer));
      serialize.save(file("ours.pth"), new Map([["model", detector.stateDict()]]));
      execFileSync(python!, ["-c", program, folder], { stdio: ["ignore", "ignore", "pipe"] });
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test("a file of ours gives the same answers in Python", () => {
      expectClose(theirAnswer("with-ours.bin"), answer(detector), { rtol: 5e-5, atol: 5e-6 });
    });

    test("a file of Python's gives the same answers here", () => {
      detector.loadStateDict(serialize.load(file("theirs.pth")) as Map<string, Tensor>);
      expectClose(answer(detector), theirAnswer("with-theirs.bin"), { rtol: 5e-5, atol: 5e-6 });
    });
  },
);
