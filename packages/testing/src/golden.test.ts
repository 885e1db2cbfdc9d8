import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  expectClose,
  expectDetections,
  expectGradients,
  expectRecord,
  expectSgdDeltas,
  expectSparse,
  fillValue,
  fnv1a,
  golden,
  goldenInput,
  goldenNames,
  goldenPicture,
  l2,
  probe,
  uniform,
} from "./index.js";

afterEach(() => vi.unstubAllEnvs());

describe("recipes give the check values of the golden README", () => {
  test("hash and numbers", () => {
    expect(fnv1a("")).toBe(0x811c9dc5);
    expect(fnv1a("conv.weight#public")).toBe(0x081bfe2d);
    const u = [0.6380836823955178, -0.6452916474081576, -0.37366248201578856, 0.8223103950731456, 0.832631723023951];
    expect([...uniform("conv.weight#public", 5)]).toEqual(u);
  });

  test("weights", () => {
    const fill = { suffix: "#public", gain: 1 };
    const f32 = (...values: number[]) => Float32Array.from(values);
    expect(fillValue("conv.weight", [2, 3, 1, 1], fill)).toEqual(f32(0.9023866, -0.9125802, -0.52843857, 1.1629225, 1.1775191, 0.71283793));
    expect(fillValue("bn.running_var", [3], fill)).toEqual(f32(1.4921268, 0.5107307, 0.99355304));
    expect(fillValue("bn.weight", [3], fill)).toEqual(f32(0.949736, 1.0391151, 0.96026397));
    expect(fillValue("bn.bias", [3], fill)).toEqual(f32(-0.0070897127, -0.093511425, 0.07114949));
    expect(fillValue("bn.num_batches_tracked", [], fill)).toEqual(BigInt64Array.of(0n));
    const scale = fillValue("norm4.scale", [1, 2, 1, 1], fill) as Float32Array; // by its name, though it has four dimensions
    expect(Math.min(...scale)).toBeGreaterThan(9);
  });

  test("inputs", () => {
    const plain = goldenInput({ name: "input:0#public", shape: [1, 2, 3], block: 1, map: "unit" });
    expect(plain.data).toEqual(Float32Array.of(0.38758236, 0.19085218, 0.4624141, 0.8737058, 0.79771745, 0.8939855));
    const coarse = goldenInput({ name: "input:0#public", shape: [1, 2, 3], block: 2, map: "sym" });
    expect(coarse.data).toEqual(Float32Array.of(0.05087493, -0.04749017, 0.2788926, 0.29393667, 0.25594246, 0.49467835));
    const scaled = goldenInput({ name: "x", shape: [4], map: "sym", scale: 3 });
    expect(scaled.data).toEqual(Float32Array.from(uniform("x", 4), (u) => 3 * u));
  });

  test("pictures", () => {
    const picture = goldenPicture({ name: "image:0#public", height: 24, width: 32, block: 4 });
    expect([...picture.slice(0, 9)]).toEqual([34, 130, 68, 28, 103, 44, 34, 116, 69]);
    expect(picture.length).toBe(24 * 32 * 3);
  });
});

describe("files", () => {
  test("the recipe of a picture gives the record that stands in the same file", () => {
    const { image, input } = golden("transforms/color");
    const { height, width } = image;
    const pixels = goldenPicture(image);
    const planes = Float64Array.from(pixels, (_, i) => pixels[(i % (height * width)) * 3 + Math.floor(i / (height * width))]!);
    expectRecord(planes, [3, height, width], input.uint8, { tol: 0 });
  });

  test("GOLDEN_DIR points to another set, and nan and inf are revived", () => {
    const folder = mkdtempSync(join(tmpdir(), "golden-"));
    mkdirSync(join(folder, "a"));
    writeFileSync(join(folder, "a", "b.json"), '{"x": ["nan", "inf", "-inf", "info", 1]}');
    vi.stubEnv("GOLDEN_DIR", folder);
    expect(goldenNames("a")).toEqual(["a/b"]);
    expect(golden("a/b").x).toEqual([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, "info", 1]);
    expect(() => golden("a/c")).toThrow(`no golden file ${join(folder, "a", "c.json")}; GOLDEN_DIR is ${folder}`);
  });
});

describe("comparisons can fail, and show the worst element", () => {
  test("expectClose", () => {
    expectClose(Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY), [1, Number.NaN, Number.POSITIVE_INFINITY]);
    expectClose([[1, 2], [3]], [1, 2, 3.0000001], { rtol: 1e-6 });
    expect(() => expectClose([1, 2, 5], [1, 2.5, 3], { atol: 0.1, name: "x" })).toThrow(
      "x: 2 of 3 differ; the worst at 2: ours 5, theirs 3 (off by 2.00, 20.0 times the allowed 0.100)",
    );
    expect(() => expectClose([Number.NaN], [0], { atol: 1 })).toThrow("ours NaN, theirs 0");
    expect(() => expectClose([1], [1, 2])).toThrow("values: ours has 1 elements, theirs 2");
  });

  test("expectRecord", () => {
    const record = { shape: [2, 3], sum: 6, abs: 12, idx: [4, 0], val: [5, -3] };
    const data = Float64Array.of(-3, 1, 1, 1, 5, 1);
    expectRecord(data, [2, 3], record, { tol: 0 });
    expectRecord(Float32Array.from(data), [2, 3], record, { tol: 0 });
    const wrong = (change: (data: Float64Array) => void) => {
      const copy = data.slice();
      change(copy);
      return () => expectRecord(copy, [2, 3], record, { tol: 1e-3, name: "y" });
    };
    expect(wrong((d) => d.set([6], 4))).toThrow("y: 1 of 2 differ; the worst at 4 [1, 1]: ours 6, theirs 5");
    expect(wrong((d) => d.set([2], 5))).toThrow("y: 2 of 2 differ; the worst at the sum: ours 7, theirs 6");
    expect(() => expectRecord(data, [3, 2], record, { tol: 1 })).toThrow("record: ours is [3,2], theirs [2,3]");
  });

  test("expectSparse", () => {
    const sparse = { length: 4, default: -1, entries: [[2, 7]] as [number, number][] };
    expectSparse(BigInt64Array.of(-1n, -1n, 7n, -1n), sparse);
    expect(() => expectSparse([-1, -1, 6, -1], sparse)).toThrow("sparse list: 1 of 4 differ; the worst at 2: ours 6, theirs 7");
  });

  test("expectGradients", () => {
    const gradients = new Map([
      ["a", Float32Array.of(3, 4)],
      ["b", Float32Array.of(0, 12)],
    ]);
    const rows = [...gradients].map(([name, g]): [string, number, number] => [name, l2(g), probe(name, g)]);
    const theirs = { global_l2: 13, rows };
    expectGradients(gradients, theirs, { globalTol: 1e-9, l2Tol: 1e-9, medianTol: 1e-9 });
    const swapped = new Map(gradients).set("a", Float32Array.of(4, 3));
    expect(() => expectGradients(swapped, theirs, { globalTol: 1e-9, l2Tol: 1e-9 })).toThrow(
      "gradients, probe: 1 of 2 differ; the worst at a",
    );
    expect(() => expectGradients([["a", [3, 4]]], theirs, { globalTol: 1, l2Tol: 1 })).toThrow("gradients: ours lacks 1 parameters: b");
    const extra = new Map(gradients).set("c", Float32Array.of(0));
    expect(() => expectGradients(extra, theirs, { globalTol: 1, l2Tol: 1 })).toThrow("gradients: ours has 1 parameters too many: c");
  });

  test("expectSgdDeltas", () => {
    const [initial, final] = [Float64Array.of(1, 2), Float64Array.of(1.5, 2)];
    const theirs = { rows: [["w", l2(initial), 0.5, probe("w", [0.5, 0])] as [string, number, number, number]] };
    expectSgdDeltas([["w", initial, final]], theirs, { tol: 1e-12 });
    expect(() => expectSgdDeltas([["w", initial, initial]], theirs, { tol: 1e-3 })).toThrow(
      "sgd, changes: 2 of 2 differ; the worst at w, l2",
    );
  });

  test("expectDetections", () => {
    const theirs = {
      count: 2,
      boxes: [
        [0, 0, 10, 10],
        [5, 5, 9, 9],
      ],
      scores: [0.9, 0.8],
      labels: [1, 2],
    };
    const ours = { boxes: Float32Array.of(5, 5, 9, 9, 0, 0, 10, 10.01), scores: [0.8, 0.9], labels: BigInt64Array.of(2n, 1n) };
    expectDetections(ours, theirs);
    expect(() => expectDetections({ ...ours, labels: [2, 2] }, theirs)).toThrow(
      "detections: nothing of label 1, theirs has one with score 0.9",
    );
    expect(() => expectDetections({ ...ours, scores: [0.8, 0.91] }, theirs)).toThrow("detections, score 0: 1 of 1 differ");
  });
});
