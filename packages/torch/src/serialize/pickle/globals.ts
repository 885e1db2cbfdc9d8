import { InputError } from "@singleshot/base";
import type { DType } from "../../dtype.js";
import { damaged, quote } from "../bytes.js";
import { rebuildParameter, rebuildTensor } from "./rebuild-tensor.js";
import { isKey, Namespace } from "./value.js";

/** @param spend counts the bytes of what is made */
type Builder = (args: readonly unknown[], spend: (bytes: number) => void) => unknown;

/** A name that a pickle may ask for, and what it stands for here. It is no value: a checkpoint that holds one as such is refused. */
export class PickleGlobal {
  /** what REDUCE makes of it */
  readonly reduce?: Builder;
  /** what NEWOBJ makes of it */
  readonly create?: Builder;
  /** the elements of a storage class */
  readonly storage?: DType;

  constructor(
    readonly name: string,
    means: Omit<PickleGlobal, "name">,
  ) {
    Object.assign(this, means);
  }
}

const STORAGES: Record<DType, string> = {
  bool: "BoolStorage",
  uint8: "ByteStorage",
  int8: "CharStorage",
  int16: "ShortStorage",
  int32: "IntStorage",
  int64: "LongStorage",
  float16: "HalfStorage",
  bfloat16: "BFloat16Storage",
  float32: "FloatStorage",
  float64: "DoubleStorage",
  complex64: "ComplexFloatStorage",
  complex128: "ComplexDoubleStorage",
};

const DTYPES = Object.keys(STORAGES) as DType[];

/** The class that stands in a pickle for a storage of these elements, in the module `torch`. */
export function storageClass(dtype: DType): string {
  return STORAGES[dtype];
}

const builders: [name: string, means: Omit<PickleGlobal, "name">][] = [
  ["torch._utils _rebuild_tensor_v2", { reduce: rebuildTensor }],
  ["torch._utils _rebuild_tensor", { reduce: rebuildTensor }], // before PyTorch 0.4
  ["torch._utils _rebuild_parameter", { reduce: rebuildParameter }],
  ["torch Size", { reduce: ([sizes]) => sizes }],
  ["torch device", { reduce: device }],
  ["collections OrderedDict", { reduce: orderedDict }],
  ["collections Counter", { reduce: ([counts = new Map()]) => counts }],
  ["argparse Namespace", { create: () => new Namespace() }],
  ["_codecs encode", { reduce: encode }], // bytes, in protocol 2
];

const globals = new Map<string, PickleGlobal | string>([
  ...builders.map(([name, means]): [string, PickleGlobal] => [name, new PickleGlobal(name, means)]),
  ...DTYPES.map((dtype): [string, PickleGlobal] => [`torch ${STORAGES[dtype]}`, new PickleGlobal(STORAGES[dtype], { storage: dtype })]),
  ...DTYPES.map((dtype): [string, string] => [`torch ${dtype}`, `torch.${dtype}`]),
]);

/** What to do about names that are often met. The first row that fits; the last one always does. */
const advice: [RegExp, string][] = [
  [/^numpy/, "numpy objects are not supported: turn them into numbers (float(x)) or tensors before torch.save"],
  [/_rebuild_(sparse|.*csr)/, "sparse tensors are not supported: call .to_dense() before torch.save"],
  [/_rebuild_q/, "quantized tensors are not supported: call .dequantize() before torch.save"],
  [
    /_rebuild_tensor_v3|UntypedStorage/,
    "element types without a storage class (float8, uint16, ...) are not supported: convert them before torch.save",
  ],
  [/^torch[.]_(utils|tensor)[.]_/, "only dense tensors are supported: convert it before torch.save"],
  [/^(torch[.]nn|torchvision|__main__|models?|timm)\b/, "the file holds a whole model with its code: save model.state_dict() instead"],
  [/./, "only tensors and plain data are read, nothing is ever called: save a state dict, or do not trust the file"],
];

/** Looks a name up in the closed list of what a checkpoint may ask for; anything else is refused by its name. */
export function findGlobal(module: string, name: string): PickleGlobal | string {
  const found = globals.get(`${module} ${name}`);
  if (found !== undefined) return found;
  const asked = `${module}.${name}`;
  const fix = advice.find(([pattern]) => pattern.test(asked))![1];
  throw new InputError(`the checkpoint asks for ${quote(asked)}, which is not data`, { fix });
}

/** `cuda:0` */
function device(parts: readonly unknown[]): string {
  const [type, index] = parts;
  if (typeof type !== "string" || parts.length > 2 || !(index === undefined || typeof index === "number")) damaged("a device is not one");
  return index === undefined ? type : `${type}:${index}`;
}

/** Python 2 passes the items as a list of pairs; later ones set them one by one. */
function orderedDict([items = []]: readonly unknown[], spend: (bytes: number) => void): unknown {
  if (!Array.isArray(items)) damaged("an OrderedDict is made from something that is not a list");
  spend(items.length * 50);
  if (!items.every((item) => Array.isArray(item) && item.length === 2 && isKey(item[0])))
    damaged("an OrderedDict is made from other than pairs");
  return new Map(items);
}

/** Bytes stand in a pickle as a text of their latin-1 characters. */
function encode([text, encoding]: readonly unknown[], spend: (bytes: number) => void): Uint8Array {
  if (typeof text !== "string" || encoding !== "latin1") damaged("bytes are not written as latin-1 text");
  spend(text.length);
  const bytes = Buffer.from(text, "latin1");
  if (bytes.toString("latin1") !== text) damaged("bytes are not written as latin-1 text");
  return new Uint8Array(bytes);
}
