import { InputError } from "@singleshot/base";
import { writeFileAtomic } from "@singleshot/base/atomic-file";
import { bytesPerElement, type DType } from "../../dtype.js";
import { checkBooleans, damaged, dataView, quote, uint64 } from "../bytes.js";
import { type InputFile, withFile } from "../input-file.js";
import { contiguousBytes, elementCount, type RawTensor, rawTensor, rowMajorStride, viewProblem } from "../raw-tensor.js";
import { type HeaderTensor, parseHeader } from "./header.js";

/** A model as safetensors hold it: tensors by name, in the order of the header, and texts by name. */
export interface Safetensors {
  tensors: Map<string, RawTensor>;
  metadata: Map<string, string>;
}

const DTYPES = new Map<string, DType>([
  ["BOOL", "bool"],
  ["U8", "uint8"],
  ["I8", "int8"],
  ["I16", "int16"],
  ["I32", "int32"],
  ["I64", "int64"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
  ["F32", "float32"],
  ["F64", "float64"],
  ["C64", "complex64"],
]);
const NAMES = new Map([...DTYPES].map(([name, dtype]) => [dtype, name]));

const MAX_HEADER_BYTES = 2 ** 24; // room for 200,000 tensors

/** Reads a safetensors file as strictly as the format is defined: no gaps, no overlaps, no byte that belongs to no tensor. Throws InputErrors. */
export function readSafetensors(path: string): Safetensors {
  return withFile(path, readOpenSafetensors);
}

/** The texts alone: no tensor is read. */
export const readSafetensorsMetadata = (file: InputFile): Map<string, string> => readHeader(file).metadata;

export function readOpenSafetensors(file: InputFile): Safetensors {
  const { start, ...header } = readHeader(file);
  const entries = [...header.tensors].map(([key, entry]) => checkTensor(key, entry));
  checkCoverage(entries, file.size - start);
  const tensors = entries.map(({ key, dtype, shape, begin, end }): [string, RawTensor] => {
    const bytes = file.read(start + begin, end - begin);
    checkBooleans(dtype, bytes, `tensor ${quote(key)}`);
    return [key, rawTensor(dtype, shape, bytes, key)];
  });
  return { tensors: new Map(tensors), metadata: header.metadata };
}

/** @returns also where the tensors begin */
function readHeader(file: InputFile): ReturnType<typeof parseHeader> & { start: number } {
  const length = file.size < 8 ? damaged("too short to be safetensors") : uint64(dataView(file.read(0, 8)), 0);
  const start = 8 + length;
  if (start > file.size || length > MAX_HEADER_BYTES) damaged(`the header is said to have ${length} bytes, the file has ${file.size}`);
  return { ...parseHeader(file.read(8, length)), start };
}

interface Entry {
  key: string;
  dtype: DType;
  shape: number[];
  begin: number;
  end: number;
}

function checkTensor(key: string, { dtype: name, shape, range }: HeaderTensor): Entry {
  const dtype = DTYPES.get(name);
  if (!dtype) {
    const fix = `convert it to one of ${[...DTYPES.keys()].join(", ")}`;
    throw new InputError(`tensor ${quote(key)} has elements of the unknown type ${quote(name)}`, { fix });
  }
  const [begin, end] = range;
  if (begin === undefined || end === undefined || range.length !== 2) damaged(`tensor ${quote(key)} has other than two data_offsets`);
  const problem = viewProblem({ shape, stride: rowMajorStride(shape), offset: 0 }, elementCount(shape));
  if (problem) damaged(`tensor ${quote(key)} cannot be: ${problem}`);
  const size = elementCount(shape) * bytesPerElement[dtype];
  if (size !== end - begin)
    damaged(`tensor ${quote(key)}, [${shape}] of ${name}, needs ${size} bytes, its data_offsets give it ${end - begin}`);
  return { key, dtype, shape, begin, end };
}

/** Side by side the tensors must fill the data exactly. */
function checkCoverage(entries: readonly Entry[], size: number): void {
  let filled = 0;
  for (const { key, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== filled) damaged(`tensor ${quote(key)} begins at byte ${begin} of the data, the one before it ends at ${filled}`);
    filled = end;
  }
  if (filled !== size) damaged(`the tensors fill ${filled} bytes, the data has ${size}`);
}

/**
 * Writes a safetensors file, whole or not at all (`writeFileAtomic`). Every tensor gets its elements in row-major order; the format knows no shared
 * storages. Wide elements come first, so that all are aligned.
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, RawTensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): void {
  const ordered = [...tensors].sort(([, a], [, b]) => bytesPerElement[b.dtype] - bytesPerElement[a.dtype]);
  writeFileAtomic(path, contents(headerBytes(ordered, metadata), ordered));
}

function* contents(header: Uint8Array, tensors: [key: string, RawTensor][]): Generator<Uint8Array> {
  yield header;
  for (const [, tensor] of tensors) yield contiguousBytes(tensor);
}

/** The header's length and its JSON, filled with blanks to a multiple of 8 bytes. */
function headerBytes(tensors: [key: string, RawTensor][], metadata: ReadonlyMap<string, string>): Uint8Array {
  let at = 0;
  const members = tensors.map(([key, { dtype, shape }]) => {
    const [begin, name] = [at, NAMES.get(dtype)];
    if (!name || key === "__metadata__") throw new Error(`safetensors cannot hold the tensor ${quote(key)} of ${dtype}`);
    at += elementCount(shape) * bytesPerElement[dtype];
    return `${jsonText(key)}:{"dtype":"${name}","shape":[${shape}],"data_offsets":[${begin},${at}]}`;
  });
  const texts = [...metadata].map(([key, value]) => `${jsonText(key)}:${jsonText(value)}`);
  if (texts.length > 0) members.unshift(`"__metadata__":{${texts}}`);
  const json = Buffer.from(`{${members}}`);
  const bytes = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, " ");
  bytes.writeBigUInt64LE(BigInt(bytes.length - 8));
  bytes.set(json, 8);
  return bytes;
}

function jsonText(text: string): string {
  if (Buffer.from(text).toString() !== text) throw new Error("safetensors cannot hold a text with half a surrogate pair");
  return JSON.stringify(text);
}
