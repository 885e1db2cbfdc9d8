import { damaged, decodeUtf8, quote } from "../bytes.js";
import { type JsonToken, tokenizeJson } from "./json-tokens.js";

/** What a safetensors header says of one tensor, unchecked. */
export interface HeaderTensor {
  dtype: string;
  shape: number[];
  /** first and last byte + 1, from the end of the header */
  range: number[];
}

export interface Header {
  tensors: Map<string, HeaderTensor>;
  metadata: Map<string, string>;
}

/**
 * Parses the JSON header of a safetensors file. Not with `JSON.parse`, which lets the last of two equal keys win and rounds long numbers: here a
 * key may stand once, and nothing may stand that the format does not know.
 */
export function parseHeader(bytes: Uint8Array): Header {
  const next = tokenizeJson(decodeUtf8(bytes, "the header"));
  const header: Header = { tensors: new Map(), metadata: new Map() };
  readMembers(next, (key) => {
    if (key === "__metadata__") readMembers(next, (name) => header.metadata.set(name, text(next())));
    else header.tensors.set(key, readTensor(next, key));
  });
  if (next() !== undefined) damaged("something follows the header's JSON");
  return header;
}

type Next = () => JsonToken;

function readTensor(next: Next, key: string): HeaderTensor {
  const fields = new Map<string, unknown>();
  readMembers(next, (name) => {
    if (!["dtype", "shape", "data_offsets"].includes(name))
      damaged(`the header of tensor ${quote(key)} has an unknown field ${quote(name)}`);
    fields.set(name, name === "dtype" ? text(next()) : readNumbers(next));
  });
  if (fields.size !== 3) damaged(`the header of tensor ${quote(key)} lacks its dtype, shape or data_offsets`);
  return { dtype: fields.get("dtype") as string, shape: fields.get("shape") as number[], range: fields.get("data_offsets") as number[] };
}

/** Reads an object. @param readValue reads what stands after a key */
function readMembers(next: Next, readValue: (key: string) => void): void {
  const seen = new Set<string>();
  readSequence(next, "{", "}", (first) => {
    const key = text(first);
    if (seen.has(key)) damaged(`the header has ${quote(key)} twice`);
    seen.add(key);
    if (next() !== ":") damaged("the header's JSON is broken");
    readValue(key);
  });
}

function readNumbers(next: Next): number[] {
  const numbers: number[] = [];
  readSequence(next, "[", "]", (token) => {
    if (typeof token !== "number") damaged("the header has something else where a whole number should be");
    numbers.push(token);
  });
  return numbers;
}

/** @param readItem is given the item's first token */
function readSequence(next: Next, open: string, close: string, readItem: (first: JsonToken) => void): void {
  if (next() !== open) damaged(`the header lacks a ${open}`);
  let token = next();
  if (token === close) return;
  for (;;) {
    readItem(token);
    const after = next();
    if (after === close) return;
    if (after !== ",") damaged("the header's JSON is broken");
    token = next();
  }
}

function text(token: JsonToken): string {
  if (typeof token !== "object") damaged("the header has something else where a text should be");
  return token.text;
}
