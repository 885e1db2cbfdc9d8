import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { fuzzCount, mutate } from "@singleshot/testing";
import { expect, test } from "vitest";
import { InputError } from "../errors.js";
import { randomOf } from "../random.js";
import { readModelCard, readOnnx } from "./index.js";

const { LengthDelimited, Varint, StartGroup, EndGroup } = WireType;

type Write = (writer: BinaryWriter) => unknown;

/** A length-delimited field. */
const part =
  (number: number, write: Write): Write =>
  (writer) => {
    writer.tag(number, LengthDelimited).fork();
    write(writer);
    writer.join();
  };
const all =
  (...writes: Write[]): Write =>
  (writer) => {
    for (const write of writes) write(writer);
  };
const int =
  (number: number, value: number | bigint): Write =>
  (writer) =>
    writer.tag(number, Varint).int64(value);
const text =
  (number: number, value: string): Write =>
  (writer) =>
    writer.tag(number, LengthDelimited).string(value);
const bytes =
  (number: number, value: Uint8Array): Write =>
  (writer) =>
    writer.tag(number, LengthDelimited).bytes(value);

const entry = (number: number, key: string, value: string) => part(number, all(text(1, key), text(2, value)));
const tensor = (...fields: Write[]) => part(5, all(...fields));
const four = new Uint8Array(4);

function encoded(...fields: Write[]): Uint8Array {
  const writer = new BinaryWriter();
  all(...fields)(writer);
  return writer.finish();
}

/** A model around a graph, as file. */
const file = (...graph: Write[]) => encoded(int(1, 7), part(8, int(2, 11)), part(7, all(...graph)));

const good = file(tensor(int(1, 1), int(2, 1), text(8, "w"), bytes(9, four)));

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

/** As `export` writes them, but for the graph. */
function exported(): Uint8Array {
  const detector = {
    input: { resize: "letterbox", width: 320, height: 320, fill: [114, 114, 114] },
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
    scores: "sigmoid",
    postprocess: { scoreThreshold: 0.05, nms: { iouThreshold: 0.5 }, clip: "before-nms", clipTo: "border" },
  };
  const texts = {
    singleshot: "1",
    graph: "decoded",
    precision: "float32",
    classes: '["cat"]',
    recipe: JSON.stringify({ detector }),
    weights: "0",
  };
  return new Uint8Array([...encoded(...Object.entries(texts).map(([key, value]) => entry(14, key, value))), ...good]);
}

const share = fuzzCount(2000); // of 100,000

test(`${share} mutated files are read or refused, and nothing else happens`, { timeout: 60_000 * fuzzCount(1) }, () => {
  const draw = randomOf(31, 0);
  const originals = [good, exported()];
  for (const original of originals) expect(readOnnx(original).opset).toBe(11);
  expect(readModelCard(originals[1]!).classes).toEqual(["cat"]);
  let [refusals, slowest] = [0, 0];
  for (let i = 0; i < share; i++) {
    const original = originals[i % 2]!;
    const data = i % 3 === 0 ? withBytes(original, draw) : mutate(original, draw);
    const start = performance.now();
    for (const read of [readOnnx, readModelCard]) if (refuses(read, data)) refusals++;
    slowest = Math.max(slowest, performance.now() - start);
  }
  expect(refusals).toBeGreaterThan(share / 4);
  expect(slowest).toBeLessThan(2000);
  expect(Object.keys(Object.prototype)).toEqual([]);
});

/** Up to three bytes are others: lengths and tags, in so short a file. */
function withBytes(original: Uint8Array, draw: () => number): Uint8Array {
  const data = original.slice();
  for (let k = 0; k < 3; k++) data[Math.floor(draw() * data.length)] = Math.floor(draw() * 256);
  return data;
}

/** Whether it is refused; anything but an InputError is thrown on. */
function refuses(read: (data: Uint8Array) => unknown, data: Uint8Array): boolean {
  try {
    read(data);
    return false;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return true;
  }
}
