import { bytesPerElement } from "../../dtype.js";
import { type RawStorage, type RawTensor, viewProblem } from "../raw-tensor.js";
import { MAX_DEPTH } from "./check-value.js";
import { storageClass } from "./globals.js";
import { type CheckpointValue, isRawTensor, isTuple } from "./value.js";

interface Output {
  parts: Buffer[];
  /** with the numbers that they get */
  storages: Map<RawStorage, number>;
}

/**
 * A value as a pickle of protocol 2, of instructions that `torch.load(weights_only=True)` carries out in PyTorch 1.13 and in 2.x.
 *
 * @returns the storages too, in the order of the numbers that the pickle calls them by
 */
export function writePickle(value: CheckpointValue): { pickle: Uint8Array; storages: RawStorage[] } {
  const out: Output = { parts: [], storages: new Map() };
  put(out, "\x80\x02");
  putValue(out, value, 0);
  put(out, ".");
  return { pickle: Buffer.concat(out.parts), storages: [...out.storages.keys()] };
}

function putValue(out: Output, value: CheckpointValue, depth: number): void {
  if (depth > MAX_DEPTH) throw new Error(`a checkpoint cannot be nested more than ${MAX_DEPTH} levels deep, or contain itself`);
  if (value === null) put(out, "N");
  else if (typeof value === "boolean") put(out, value ? "\x88" : "\x89");
  else if (typeof value === "number") putNumber(out, value);
  else if (typeof value === "bigint") putInteger(out, value);
  else if (typeof value === "string") putText(out, value);
  else if (isRawTensor(value)) putTensor(out, value);
  else if (value instanceof Map) putItems(out, "}", [...value].flat() as CheckpointValue[], "u", depth);
  else if (isTuple(value)) putItems(out, "", value as CheckpointValue[], "t", depth);
  else if (Array.isArray(value)) putItems(out, "]", value, "e", depth);
  else
    throw new Error(`a checkpoint cannot hold ${describe(value)}: Maps, arrays, tensors, numbers, strings, booleans and null are written`);
}

function putItems(out: Output, container: string, items: readonly CheckpointValue[], close: string, depth: number): void {
  put(out, `${container}(`);
  for (const item of items) putValue(out, item, depth + 1);
  put(out, close);
}

/** A float without a fraction is an int to JavaScript; Python computes the same with it. */
function putNumber(out: Output, value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) putInteger(out, BigInt(value));
  else putFloat(out, value);
}

function putFloat(out: Output, value: number): void {
  const bytes = Buffer.alloc(9, "G");
  bytes.writeDoubleBE(value, 1);
  out.parts.push(bytes);
}

function putInteger(out: Output, value: bigint): void {
  let length = 4;
  while (length < 256 && BigInt.asIntN(8 * length, value) !== value) length++;
  if (length === 256) throw new Error("a checkpoint cannot hold an integer of more than 255 bytes");
  const digits = BigInt.asUintN(8 * length, value)
    .toString(16)
    .padStart(2 * length, "0");
  const instruction = length === 4 ? Buffer.from("J") : Buffer.from([0x8a, length]);
  out.parts.push(instruction, Buffer.from(digits, "hex").reverse());
}

function putText(out: Output, text: string): void {
  const bytes = Buffer.from(text);
  if (bytes.toString() !== text) throw new Error("a checkpoint cannot hold a text with half a surrogate pair");
  const head = Buffer.alloc(5, "X");
  head.writeUInt32LE(bytes.length, 1);
  out.parts.push(head, bytes);
}

const NO_HOOKS = "ccollections\nOrderedDict\n)R";

function putTensor(out: Output, tensor: RawTensor): void {
  const requiresGrad = tensor.requiresGrad ? "\x88" : "\x89";
  if (tensor.parameter) put(out, "ctorch._utils\n_rebuild_parameter\n(");
  putDenseTensor(out, tensor, tensor.parameter ? "\x89" : requiresGrad);
  if (tensor.parameter) put(out, `${requiresGrad}${NO_HOOKS}tR`);
}

function putDenseTensor(out: Output, tensor: RawTensor, requiresGrad: string): void {
  const { storage, offset, shape, stride } = tensor;
  const length = storage.bytes.length / bytesPerElement[storage.dtype];
  const problem = storage.dtype === tensor.dtype ? viewProblem(tensor, length) : `${tensor.dtype} in a storage of ${storage.dtype}`;
  if (problem || !Number.isInteger(length)) throw new Error(`a tensor cannot be saved: ${problem ?? "half an element in its storage"}`);
  const key = out.storages.get(storage) ?? out.storages.size;
  out.storages.set(storage, key);
  put(out, "ctorch._utils\n_rebuild_tensor_v2\n((");
  putText(out, "storage");
  put(out, `ctorch\n${storageClass(storage.dtype)}\n`);
  for (const text of [String(key), "cpu"]) putText(out, text);
  putNumber(out, length);
  put(out, "tQ");
  for (const value of [offset, Object.freeze([...shape]), Object.freeze([...stride])]) putValue(out, value, 0);
  put(out, `${requiresGrad}${NO_HOOKS}tR`);
}

function put(out: Output, latin1: string): void {
  out.parts.push(Buffer.from(latin1, "latin1"));
}

function describe(value: unknown): string {
  return value instanceof Uint8Array ? "bytes (make a uint8 tensor of them)" : Object.prototype.toString.call(value);
}
