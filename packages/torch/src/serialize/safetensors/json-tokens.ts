import { damaged, quote } from "../bytes.js";

/** A text, a whole number ≥ 0, one of the characters {}[]:, or undefined at the end. */
export type JsonToken = { text: string } | number | string | undefined;

/** Cuts a JSON text into tokens, one a call. Of JSON's numbers only those that a safetensors header may have: whole, exact, not negative. */
export function tokenizeJson(json: string): () => JsonToken {
  let at = 0;
  return () => {
    while (json[at] === " " || json[at] === "\n" || json[at] === "\r" || json[at] === "\t") at++;
    const first = json[at];
    if (first === undefined || "{}[]:,".includes(first)) {
      at++;
      return first;
    }
    const start = at;
    at = first === '"' ? endOfText(json, at) : endOfNumber(json, at);
    const part = json.slice(start, at);
    return first === '"' ? { text: parseText(part) } : Number(part);
  };
}

function endOfText(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    if (json[at] === "\\") at++;
    else if (json[at] === '"') return at + 1;
  }
  return damaged("the header ends in the middle of a text");
}

function parseText(quoted: string): string {
  const text = parseOrUndefined(quoted);
  if (text === undefined || Buffer.from(text).toString() !== text) damaged(`the header has the malformed text ${quote(quoted)}`);
  return text;
}

function parseOrUndefined(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}

function endOfNumber(json: string, start: number): number {
  const digits = /^(?:0|[1-9][0-9]{0,15})(?![0-9.eE+-])/.exec(json.slice(start, start + 18))?.[0] ?? "";
  if (digits === "" || !Number.isSafeInteger(Number(digits)))
    damaged(`the header has an unexpected ${quote(json.slice(start, start + 20))}`);
  return start + digits.length;
}
