import type { DType } from "../dtype.js";
import { type InputFile, withFile } from "./input-file.js";
import { readMetadata } from "./metadata.js";
import { type CheckpointValue, flatten, flattenTensors, isKey, isRawTensor } from "./pickle/index.js";
import { digest } from "./raw-tensor.js";
import { type ReadCheckpointOptions, readOpenCheckpoint, warn } from "./read-checkpoint.js";
import { readOpenSafetensors } from "./safetensors/index.js";
import { type FileFormat, sniffFormat } from "./sniff.js";

type Scalar = null | boolean | number | string;

/** What is in a model file. */
export interface FileContents {
  format: FileFormat;
  /** What is not a tensor, by the path of its keys: `args.lr`. Lists of plain values are given whole, long integers as their digits. */
  metadata: Map<string, Scalar | Scalar[]>;
  tensors: { key: string; dtype: DType; shape: readonly number[]; sha256?: string }[];
  /** the names under the key `classes`, where the file has one */
  classes?: string[];
}

export interface InspectOptions extends ReadCheckpointOptions {
  /** Gives each tensor the SHA-256 of its elements, row-major, little-endian. */
  digests?: boolean;
}

/**
 * Lists what is in a `.pth` or `.safetensors` file; which it is tells its content, not its name. The file is read in full, so damage is found;
 * nothing in it is called. Throws InputErrors.
 */
export function inspectFile(path: string, { digests = false, onWarning = warn }: InspectOptions = {}): FileContents {
  return withFile(path, (file) => {
    const format = sniffFormat(file);
    const { value, metadata } = format === "safetensors" ? openSafetensors(file) : openCheckpoint(file, format, onWarning);
    const tensors = flattenTensors(value).map(({ key, value: tensor }) => {
      return { key, dtype: tensor.dtype, shape: tensor.shape, ...(digests && { sha256: digest(tensor) }) };
    });
    const classes = classNames(metadata.get("classes"));
    return { format, metadata, tensors, ...(classes && { classes }) };
  });
}

interface Opened {
  value: CheckpointValue;
  metadata: FileContents["metadata"];
}

function openSafetensors(file: InputFile): Opened {
  const { tensors, metadata } = readOpenSafetensors(file);
  return { value: tensors, metadata };
}

function openCheckpoint(file: InputFile, format: FileFormat, onWarning: (message: string) => void): Opened {
  const value = readOpenCheckpoint(file, format, onWarning);
  const plain = flatten(value, (item) => Array.isArray(item) && item.every(isKey)).filter((leaf) => !isRawTensor(leaf.value));
  const beside = format === "pth-zip" ? readMetadata(file) : [];
  return {
    value,
    metadata: new Map<string, Scalar | Scalar[]>([
      ...beside,
      ...plain.map(({ key, value }) => [key, Array.isArray(value) ? value.map(printable) : printable(value)] as const),
    ]),
  };
}

function printable(value: CheckpointValue): Scalar {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return typeof value === "bigint" ? value.toString() : (value as Scalar);
}

/** A list of texts, or, in safetensors, its JSON. */
function classNames(value: Scalar | Scalar[] | undefined): string[] | undefined {
  const list: unknown = typeof value === "string" ? parseJson(value) : value;
  return Array.isArray(list) && list.every((name) => typeof name === "string") ? list : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
