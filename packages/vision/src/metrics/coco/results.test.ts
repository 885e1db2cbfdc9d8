import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonCursor } from "./json-cursor.js";
import { parseRegularResults } from "./regular-results.js";
import { cocoResults, readCocoResults } from "./results.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const numberIn = (text: string) => new JsonCursor(bytesOf(text)).number();
const row = { image_id: 7, category_id: 3, bbox: [0, 0.5, 9, 9], score: 0.5 };

describe("numbers", () => {
  test("are JSON.parse's, however they are written", () => {
    const digits = (most: number) => fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: most });
    const whole = digits(20).map((text) => text.replace(/^0+(?=\d)/, ""));
    const exponent = fc.tuple(fc.constantFrom("e", "E", "e+", "E-", "e-"), fc.integer({ min: 0, max: 30 })).map((parts) => parts.join(""));
    const written = fc.tuple(
      fc.constantFrom("", "-"),
      whole,
      fc.option(
        digits(25).map((text) => `.${text}`),
        { nil: "" },
      ),
      fc.option(exponent, { nil: "" }),
    );
    fc.assert(
      fc.property(written, (parts) => {
        expect(numberIn(parts.join(""))).toBe(JSON.parse(parts.join("")));
      }),
      { numRuns: 5000 },
    );
  });

  test("are JSON.parse's as Python and JavaScript write doubles and float32, and half way between two doubles", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(numberIn(JSON.stringify(x))).toBe(x + 0);
      }),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(numberIn(JSON.stringify(x))).toBe(x + 0);
      }),
      { numRuns: 5000 },
    );
    for (const text of [
      "9007199254740993",
      "0.9007199254740993",
      "9007199254740993.00000000000000000001",
      "1.00000000000000011102230246251565404",
    ])
      expect(numberIn(text)).toBe(JSON.parse(text));
  });

  test.each(["", "-", "01", "-01", "1.", ".5", "+1", "1e", "1e+", "NaN", "Infinity", '"1"'])("%j is none", (text) => {
    expect(numberIn(text)).toBeNaN();
  });
});

describe("a result list", () => {
  test("in its regular form is read as JSON.parse reads it, whatever the order of keys and the space between", () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0); // -0 is written as 0
    const id = fc.integer({ min: 0, max: 2 ** 53 - 1 });
    const rows = fc.record(
      { image_id: id, category_id: id, bbox: fc.tuple(number, number, number, number), score: number },
      { noNullPrototype: true },
    );
    const space = fc.constantFrom("", "", " ", "\n  ", "\r\n\t");
    fc.assert(
      fc.property(fc.array(rows, { maxLength: 5 }), fc.func(space), fc.nat(3), (list, spaceAt, turn) => {
        const turned = list.map((one) => Object.fromEntries([...Object.entries(one).slice(turn), ...Object.entries(one).slice(0, turn)]));
        const text = JSON.stringify(turned).replace(/[[\]{}:,]/g, (mark, at) => spaceAt(at) + mark + spaceAt(-at));
        expect(parseRegularResults(bytesOf(text))).toEqual(columns(list));
      }),
    );
    expect(parseRegularResults(bytesOf(" [ ] \n"))).toEqual(columns([]));
  });

  test("in any other form is left to JSON.parse, which reads the same or says what is wrong", () => {
    const { score: _, ...noScore } = row;
    const others = [
      { ...row, area: 81 },
      { ...row, image_id: "7" },
      { ...row, image_id: 2 ** 53 },
      { ...row, category_id: 1.5 },
    ];
    for (const other of others) {
      const bytes = bytesOf(JSON.stringify([row, other]));
      expect(parseRegularResults(bytes)).toBeUndefined();
      expect(readCocoResults(bytes)).toEqual(cocoResults([row, other]));
    }
    const wrong = [{ ...row, bbox: [0, 0, 9] }, { ...row, bbox: [0, 0, 9, 9, 9] }, { ...row, score: "0.5" }, noScore, null];
    for (const one of wrong) expect(parseRegularResults(bytesOf(JSON.stringify([row, one])))).toBeUndefined();
  });

  test("that is cut off, or goes on behind its end, is no regular one", () => {
    const text = JSON.stringify([row, row]);
    for (let end = 0; end < text.length; end++) expect(parseRegularResults(bytesOf(text.slice(0, end)))).toBeUndefined();
    for (const more of ["]", ",", "0", "[]"]) expect(parseRegularResults(bytesOf(text + more))).toBeUndefined();
    expect(parseRegularResults(bytesOf(text.replace('"score"', '"bbox"')))).toBeUndefined();
    expect(parseRegularResults(bytesOf(text.replace('"score"', '"scores"')))).toBeUndefined();
  });
});

const columns = (list: (typeof row)[] | Record<string, unknown>[]) => {
  const { imageIds, categoryIds, bboxes, scores } = cocoResults(list);
  const ids = [imageIds, categoryIds].map((column) => Float64Array.from(column as number[]));
  return { imageIds: ids[0], categoryIds: ids[1], bboxes, scores };
};
