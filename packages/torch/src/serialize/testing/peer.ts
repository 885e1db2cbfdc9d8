import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileOf } from "./files.js";

/** The Python that the differential tests ask, one that can import torch. */
export const python = process.env.SINGLESHOT_PYTHON;

// Python's side of describe.ts, and random checkpoints of its own. Runs with torch 1.13 and later.
const SCRIPT = String.raw`
import collections, ctypes, hashlib, json, math, random, struct, sys
import torch

def number(value):
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 and not (value == 0 and math.copysign(1, value) < 0):
        value = int(value)
    if isinstance(value, int):
        return {"int": str(value)}
    return {"float": "nan" if math.isnan(value) else struct.pack(">d", value).hex()}

def describe(root):
    storages = {}
    def tensor(t):
        storage = t.untyped_storage() if hasattr(t, "untyped_storage") else t.storage()._storage
        if storage.nbytes() and storage.data_ptr() not in storages:
            storages[storage.data_ptr()] = len(storages)
        dense = t.detach().contiguous()
        digest = hashlib.sha256(ctypes.string_at(dense.data_ptr(), dense.numel() * dense.element_size()) if dense.numel() else b"").hexdigest()
        parameter = isinstance(t, torch.nn.Parameter)
        return {"dtype": str(t.dtype)[6:], "shape": list(t.shape), "stride": list(t.stride()), "offset": t.storage_offset(),
                "storage": storages.get(storage.data_ptr(), -1) if storage.nbytes() else -1,
                "requiresGrad": t.requires_grad, "parameter": parameter, "sha256": digest}
    def walk(value):
        if value is None or isinstance(value, (bool, str)): return value
        if isinstance(value, (int, float)): return number(value)
        if isinstance(value, bytes): return {"bytes": value.hex()}
        if isinstance(value, torch.Tensor): return tensor(value)
        if isinstance(value, dict): return {"dict": [[walk(k), walk(v)] for k, v in value.items()]}
        return {"tuple" if isinstance(value, tuple) else "list": [walk(item) for item in value]}
    return walk(root)

FLOATS = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.complex64, torch.complex128]
DTYPES = FLOATS + [torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64, torch.bool]

def random_tensors(r):
    dtype, length = r.choice(DTYPES), r.randrange(1, 60)
    base = torch.randint(0, 2, (length,)).to(torch.bool) if dtype == torch.bool else (torch.randn(length) * 30).to(dtype)
    views = [base]
    for _ in range(r.randrange(4)):
        v = r.choice(views)
        kind = r.randrange(7)
        if kind == 0 and v.numel() % 2 == 0: v = v.reshape(2, -1)
        elif kind == 1: v = v.t() if v.dim() == 2 else v.unsqueeze(0)
        elif kind == 2 and v.dim() and v.shape[0] > 1: v = v[1:]
        elif kind == 3 and v.dim() and v.shape[-1] > 2: v = v[..., ::2]
        elif kind == 4 and v.dim() == 1: v = v.expand(3, v.shape[0])
        elif kind == 5 and v.dim() and v.shape[0]: v = v[0]
        elif kind == 6 and v.dim(): v = v[:0]
        views.append(v)
    if dtype in FLOATS and r.random() < 0.3: views.append(torch.nn.Parameter(base.clone(), requires_grad=r.random() < 0.5))
    return views

def random_value(r, tensors, depth=0):
    kind = r.randrange(14)
    if kind < 5 and tensors: return r.choice(tensors)
    if depth < 4 and kind in (5, 6, 7, 8):
        items = [(r.choice(["w", "conv.weight", "größe", "__proto__", "constructor", "", "a b", "\n", r.randrange(9)]), random_value(r, tensors, depth + 1)) for _ in range(r.randrange(6))]
        if kind == 5: return dict(items)
        if kind == 6: return collections.OrderedDict(items)
        return [v for _, v in items] if kind == 7 else tuple(v for _, v in items)
    return r.choice([None, True, False, 0, -1, 7, 2**31, -2**63, 2**100, 0.1, -0.0, 1e300, float("nan"), float("inf"), "text", "重み", torch.Size([2, 3]), b"\x00\xffab"])

def write(folder, count, seed):
    r = random.Random(seed); torch.manual_seed(seed); told = []
    for i in range(count):
        tensors = [t for _ in range(r.randrange(4)) for t in random_tensors(r)]
        value = random_value(r, tensors)
        if i % 2: value = {"model": value, "optimizer": random_value(r, tensors)}
        torch.save(value, f"{folder}/theirs-{i}.pth", _use_new_zipfile_serialization=r.random() < 0.6)
        told.append(describe(value))
    return told

def load(path):
    try:
        return torch.load(path, weights_only=True)
    except Exception as error:
        if torch.__version__.startswith("1.") and "operand 71" in str(error): return torch.load(path) # 1.13 does not know floats there
        raise

def read(folder, count):
    return [describe(load(f"{folder}/ours-{i}.pth")) for i in range(count)]

def read_safetensors(folder, count):
    from safetensors.torch import load_file
    return [describe(dict(sorted(load_file(f"{folder}/ours-{i}.safetensors").items()))) for i in range(count)]

command, folder, *numbers = sys.argv[1:]
json.dump(globals()[command](folder, *map(int, numbers)), open(f"{folder}/answer.json", "w"))
`;

export function pythonHas(module: string): boolean {
  return python !== undefined && spawnSync(python, ["-c", `import ${module}`]).status === 0;
}

/** Runs `write(folder, count, seed)`, `read(folder, count)` or `read_safetensors(folder, count)` in Python. */
export function askPython(command: "write" | "read" | "read_safetensors", folder: string, ...numbers: number[]): unknown[] {
  const script = fileOf(folder, "peer.py", Buffer.from(SCRIPT));
  execFileSync(python!, [script, command, folder, ...numbers.map(String)], { stdio: ["ignore", "inherit", "inherit"] });
  return JSON.parse(readFileSync(join(folder, "answer.json"), "utf8"));
}
