import { InputError } from "@singleshot/base";
import type { DType } from "../dtype.js";

/** The advice where bytes are not what they should be. */
export const GET_AGAIN = "the file is damaged or forged: get it again from its source";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function dataView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Little-endian. Numbers beyond 2^53 lose digits and stay beyond the size of any file. */
export function uint64(bytes: DataView, at: number): number {
  return bytes.getUint32(at, true) + bytes.getUint32(at + 4, true) * 2 ** 32;
}

/** Strict: what is not UTF-8 is an InputError. A byte order mark is a character like any other. */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    damaged(`${what} is not UTF-8`);
  }
}

/** A bool that is neither 0 nor 1 lets compiled code count past the end of its memory. */
export function checkBooleans(dtype: DType, bytes: Uint8Array, where: string): void {
  if (dtype === "bool" && bytes.some((byte) => byte > 1)) damaged(`${where} has booleans that are neither 0 nor 1`);
}

/** The file is not what its kind of file should be. */
export function damaged(problem: string): never {
  throw new InputError(problem, { fix: GET_AGAIN });
}

/** A name out of a file, fit for one line of a message: short, and without characters that steer a terminal. */
export function quote(name: string): string {
  const short = JSON.stringify(name.length > 80 ? `${name.slice(0, 77)}...` : name);
  return short.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
