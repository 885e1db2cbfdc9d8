import { describe, expect, test } from "vitest";
import { elements } from "../testing/elements.js";
import { expectRefused } from "../testing/expect-refused.js";
import { fileOf, temporaryFolder } from "../testing/files.js";
import { FOUR_FLOATS } from "../testing/pickle-builder.js";
import { u64 } from "../testing/zip-builder.js";
import { readSafetensors } from "./safetensors.js";

const folder = temporaryFolder();

function file(
  header: string | Uint8Array,
  { data = FOUR_FLOATS, length = Buffer.from(header).length as number | bigint } = {},
): Uint8Array {
  return Buffer.concat([u64(length), Buffer.from(header), data]);
}

const entry = ({ dtype = '"F32"', shape = "[4]", offsets = "[0,16]", more = "" } = {}) =>
  `{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}${more}}`;
const one = (parts?: Parameters<typeof entry>[0]) => `{"w":${entry(parts)}}`;
const two = (a: string, b: string) => `{"a":${entry({ shape: "[2]", offsets: a })},"b":${entry({ shape: "[2]", offsets: b })}}`;

describe("safetensors headers", () => {
  const rows: [name: string, bytes: () => Uint8Array, message: RegExp][] = [
    ["no length", () => Buffer.alloc(3), /too short/],
    ["length past the end", () => file(one(), { length: 1000 }), /header is said to have 1000 bytes/],
    ["length 2^64 - 1", () => file(one(), { length: 2n ** 64n - 1n }), /header is said to have/],
    ["no header", () => file(""), /lacks a \{/],
    ["a header that is not UTF-8", () => file(Buffer.from(one(), "latin1").fill(0xff, 2, 3)), /not UTF-8/],
    ["a list", () => file("[]"), /lacks a \{/],
    ["null", () => file("null"), /unexpected "null"/],
    ["no closing brace", () => file(one().slice(0, -1)), /JSON is broken/],
    ["a comma at the end", () => file(one().replace(/\}$/, ",}")), /where a text should be/],
    ["no colon", () => file('{"w" 5}'), /JSON is broken/],
    ["two headers", () => file(`${one()}${one()}`), /follows the header's JSON/],
    ["a text without end", () => file('{"w'), /middle of a text/],
    ["a text that ends in a backslash", () => file('{"w\\"'), /middle of a text/],
    ["an escape that does not exist", () => file('{"\\x":1}'), /malformed text/],
    ["a line break in a text", () => file('{"a\nb":1}'), /malformed text/],
    ["half a surrogate pair", () => file('{"\\ud800":1}'), /malformed text/],
    ["a key that is a number", () => file("{5:5}"), /where a text should be/],
    ["a tensor that is a number", () => file('{"w":5}'), /lacks a \{/],
    ["a tensor of nested lists", () => file(`{"w":${"[".repeat(100_000)}`), /lacks a \{/],
    ["a shape of nested lists", () => file(one({ shape: "[".repeat(100_000) })), /where a whole number should be/],
    ["the same tensor twice", () => file(`{"w":${entry()},"w":${entry()}}`), /"w" twice/],
    ["the same tensor twice, once escaped", () => file(`{"w":${entry()},"\\u0077":${entry()}}`), /"w" twice/],
    ["metadata twice", () => file(`{"__metadata__":{},"__metadata__":{},"w":${entry()}}`), /"__metadata__" twice/],
    ["a field twice", () => file(one({ more: ',"dtype":"F32"' })), /"dtype" twice/],
    ["a field nobody knows", () => file(one({ more: ',"requires_grad":"yes"' })), /unknown field "requires_grad"/],
    ["a field of a prototype", () => file(one({ more: ',"__proto__":[0]' })), /unknown field "__proto__"/],
    ["no offsets", () => file('{"w":{"dtype":"F32","shape":[4]}}'), /lacks its dtype, shape or data_offsets/],
    ["metadata that is a number", () => file(`{"__metadata__":{"epoch":5},"w":${entry()}}`), /where a text should be/],
    ["metadata that is a list", () => file(`{"__metadata__":["a"],"w":${entry()}}`), /lacks a \{/],
    ["an unknown type", () => file(one({ dtype: '"F8_E4M3"' })), /unknown type "F8_E4M3"[.] Convert it to one of BOOL, U8,/],
    ["a type of a prototype", () => file(one({ dtype: '"constructor"' })), /unknown type "constructor"/],
    ["a type that is a number", () => file(one({ dtype: "32" })), /where a text should be/],
    ["a negative size", () => file(one({ shape: "[-4]" })), /unexpected "-4/],
    ["a size of 4.0", () => file(one({ shape: "[4.0]" })), /unexpected "4.0/],
    ["a size of 4e0", () => file(one({ shape: "[4e0]" })), /unexpected "4e0/],
    ["a size of 04", () => file(one({ shape: "[04]" })), /unexpected "04/],
    ["a size of 2^53", () => file(one({ shape: "[9007199254740993]" })), /unexpected "9007199254740993/],
    ["a size with twenty digits", () => file(one({ shape: "[18446744073709551616]" })), /unexpected "18446744073709551616/],
    ["sizes that overflow", () => file(one({ shape: "[4294967296,4294967296,4294967296]" })), /whole number|more elements/],
    [
      "sizes that overflow beside a zero",
      () => file(one({ shape: "[0,9007199254740991,8]", offsets: "[0,0]" })),
      /whole number|more elements/,
    ],
    ["65 dimensions", () => file(one({ shape: `[${"1,".repeat(64)}4]` })), /65 dimensions/],
    ["a shape that is too large", () => file(one({ shape: "[5]" })), /needs 20 bytes, its data_offsets give it 16/],
    ["a shape that is too small", () => file(one({ shape: "[3]" })), /needs 12 bytes/],
    ["booleans of 63 and 128", () => file(one({ dtype: '"BOOL"', shape: "[16]" })), /tensor "w" has booleans that are neither 0 nor 1/],
    ["one offset", () => file(one({ offsets: "[0]" })), /other than two data_offsets/],
    ["three offsets", () => file(one({ offsets: "[0,16,16]" })), /other than two data_offsets/],
    ["offsets the wrong way round", () => file(one({ offsets: "[16,0]" })), /needs 16 bytes, its data_offsets give it -16/],
    ["offsets past the end", () => file(one({ shape: "[1000]", offsets: "[0,4000]" })), /fill 4000 bytes, the data has 16/],
    [
      "a gap at the beginning",
      () => file(one({ shape: "[2]", offsets: "[8,16]" })),
      /begins at byte 8 of the data, the one before it ends at 0/,
    ],
    ["a gap", () => file(two("[0,8]", "[12,20]"), { data: new Uint8Array(20) }), /begins at byte 12/],
    ["an overlap", () => file(two("[0,8]", "[4,12]")), /begins at byte 4 .* ends at 8/],
    ["two tensors in one place", () => file(two("[0,8]", "[0,8]")), /begins at byte 0 .* ends at 8/],
    ["bytes behind", () => file(one(), { data: new Uint8Array(17) }), /fill 16 bytes, the data has 17/],
    ["data cut off", () => file(one(), { data: new Uint8Array(15) }), /fill 16 bytes, the data has 15/],
    ["data without a tensor", () => file("{}"), /fill 0 bytes, the data has 16/],
    ["a header of 17 MB", () => file(`{${" ".repeat(17 * 2 ** 20)}}`), /header is said to have/],
    ["15 MB of keys", () => file(`{${Array.from({ length: 1_500_000 }, (_, i) => `"${i}":`).join("")}`), /lacks a \{/],
    ["100,000 tensors and one lie", () => file(manyTensors()), /fill 0 bytes, the data has 16/],
  ];
  test.each(rows)("%s", (...row) => expectRefused(folder, row, readSafetensors));

  function manyTensors(): string {
    return `{${Array.from({ length: 100_000 }, (_, i) => `"${i}":${entry({ shape: "[0]", offsets: "[0,0]" })}`).join()}}`;
  }
});

describe("good controls", () => {
  const data = { data: FOUR_FLOATS };
  const rows: [name: string, bytes: () => Uint8Array, keys: string[]][] = [
    ["plain", () => file(one(), data), ["w"]],
    ["blanks", () => file(`{ "w" :\t${entry()}\r\n}   `, data), ["w"]],
    ["a key of a prototype", () => file(`{"__proto__":${entry()}}`, data), ["__proto__"]],
    ["escapes", () => file(`{"gr\\u00f6\\u00dfe\\"\\\\":${entry()}}`, data), ['größe"\\']],
    ["two tensors, the second first", () => file(two("[8,16]", "[0,8]"), data), ["a", "b"]],
    ["an empty tensor between", () => file(`{"w":${entry()},"e":${entry({ shape: "[0,7]", offsets: "[16,16]" })}}`, data), ["w", "e"]],
  ];
  test.each(rows)("%s", (_, bytes, keys) => {
    const { tensors } = readSafetensors(fileOf(folder, "control.safetensors", bytes()));
    expect([...tensors.keys()]).toEqual(keys);
    const values = [...tensors.values()].flatMap((tensor) => elements(tensor));
    expect(values.toSorted()).toEqual([1, 2, 3, 4]);
  });

  test("metadata and no tensors", () => {
    const { tensors, metadata } = readSafetensors(
      fileOf(folder, "empty.safetensors", file('{"__metadata__":{"__proto__":"x"}}', { data: new Uint8Array() })),
    );
    expect([tensors.size, [...metadata]]).toEqual([0, [["__proto__", "x"]]]);
  });
});
