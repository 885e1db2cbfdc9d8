import { WireType } from "@bufbuild/protobuf/wire";
import { InputError } from "@singleshot/base";
import { fuzzCount, runTrials } from "@singleshot/testing";
import { expect, test } from "vitest";
import { readModelCard, readOnnx } from "./index.js";
import { onnxTargets } from "./testing/fuzz-targets.js";
import { bytes, encoded, entry, exported, file, four, good, int, tensor, text } from "./testing/onnx-files.js";

const { StartGroup, EndGroup } = WireType;

const refused: [what: string, data: Uint8Array, message: string | RegExp][] = [
  ["nothing", new Uint8Array(0), "no graph, or no version of ONNX"],
  ["no protobuf", new TextEncoder().encode("<html><body>404</body></html>"), /^not a complete ONNX model: /],
  ["the first half", good.subarray(0, good.length - 6), /^not a complete ONNX model: /],
  [
    "a shape that needs more than there is",
    file(tensor(int(1, 1000), int(2, 1), text(8, "w"), bytes(9, four))),
    /^tensor "w", \[1000\] of float32, needs 4000 bytes, the file has 4/,
  ],
  [
    "a shape beyond counting",
    file(tensor(...Array.from({ length: 9 }, () => int(1, 2 ** 31)), int(2, 1), text(8, "w"), bytes(9, four))),
    /^tensor "w" cannot be \[2147483648, /,
  ],
  ["a negative side", file(tensor(int(1, -1), int(2, 1), text(8, "w"), bytes(9, four))), /^tensor "w" cannot be \[-1\]/],
  [
    "a side of 2^62",
    file(tensor(int(1, 2n ** 62n), int(2, 1), text(8, "w"))),
    /^not a complete ONNX model: the number 4611686018427387904 is too large/,
  ],
  ["an unknown type", file(tensor(int(1, 1), int(2, 77), text(8, "w"), bytes(9, four))), /^"w" has elements of the unknown type 77/],
  [
    "a length beyond the end",
    (() => {
      const cut = good.slice();
      cut[cut.indexOf(0x3a) + 1] = 0x7f;
      return cut;
    })(),
    /^not a complete ONNX model: /,
  ],
  [
    "a hundred thousand groups in each other",
    file((writer) => {
      for (let i = 0; i < 100_000; i++) writer.tag(99, StartGroup);
      for (let i = 0; i < 100_000; i++) writer.tag(99, EndGroup);
    }),
    /^not a complete ONNX model: /,
  ],
];

test.each(refused)("%s is refused", (_what, data, message) => {
  expect(() => readOnnx(data)).toThrow(InputError);
  expect(() => readOnnx(data)).toThrow(message);
});

test("the good control is read", () => {
  expect(readOnnx(good).graph.tensors[0]).toMatchObject({ name: "w", shape: [1] });
});

test("elements in another file are told, and never looked for", () => {
  const data = file(tensor(int(1, 1), int(2, 1), text(8, "w"), entry(13, "location", "../../etc/passwd"), int(14, 1)));
  const [one] = readOnnx(data).graph.tensors;
  expect(one!.external).toBe("../../etc/passwd");
  expect(() => one!.bytes()).toThrow('tensor "w" lies in another file, "../../etc/passwd", which is not read. Save the model as one file.');
});

test("names that steer prototypes are only names", () => {
  const { metadata } = readOnnx(new Uint8Array([...encoded(entry(14, "__proto__", "{}")), ...good]));
  expect(metadata.get("__proto__")).toBe("{}");
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test.each(onnxTargets())("$share damaged $format files are read or refused, and nothing else happens", async (target) => {
  expect(readOnnx(good).opset).toBe(11);
  expect(readModelCard(exported()).classes).toEqual(["cat"]);
  const trials = fuzzCount(target.share);
  const { failures, refused } = await runTrials(target, { seed: Number(process.env.FUZZ_SEED ?? 1), to: trials });
  expect(failures).toEqual([]);
  expect(refused).toBeGreaterThan(trials / 4);
});
