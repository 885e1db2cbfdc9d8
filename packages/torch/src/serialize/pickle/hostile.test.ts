import { describe, expect, test } from "vitest";
import { readCheckpoint } from "../read-checkpoint.js";
import { expectRefused, type HostileFile } from "../testing/expect-refused.js";
import { fileOf, temporaryFolder } from "../testing/files.js";
import { checkpoint, dict, global, int, NO_HOOKS, storage, tensor, text, tupleOf } from "../testing/pickle-builder.js";
import { u32, u64 } from "../testing/zip-builder.js";
import { opcodes, refusedOpcodes } from "./opcodes.js";
import { Namespace } from "./value.js";

const folder = temporaryFolder();
const COMMAND = text("touch pwned-by-checkpoint");

function load(body: string): unknown {
  return readCheckpoint(fileOf(folder, "control.pth", checkpoint(body)));
}

const CODE = `
  os.system posix.system nt.system subprocess.Popen subprocess.getoutput builtins.eval builtins.exec __builtin__.eval builtins.getattr
  builtins.__import__ builtins.open builtins.compile importlib.import_module operator.attrgetter operator.methodcaller functools.partial runpy.run_path
  pty.spawn webbrowser.open shutil.rmtree socket.create_connection ctypes.CDLL pickle.loads marshal.loads types.CodeType types.FunctionType code.interact
  timeit.timeit cProfile.run pdb.run asyncio.run multiprocessing.util.spawnv_passfds numpy.load numpy.testing._private.utils.runstring torch.load
  torch.hub.load torch.jit.load torch.storage._load_from_bytes torch._inductor.codecache.load torch.utils.collect_env.run torch.nn.Module
  torch.nn.modules.linear.Linear torch._utils._rebuild_sparse_tensor torch._utils._rebuild_sparse_csr_tensor torch._utils._rebuild_qtensor
  torch._utils._rebuild_wrapper_subclass torch._utils._rebuild_tensor_v3 torch._utils._rebuild_meta_tensor_no_storage torch.storage.UntypedStorage
  torch._utils._rebuild_device_tensor_from_numpy torch._tensor._rebuild_from_type_v2 torch._utils._rebuild_parameter_with_state __main__.Model
  collections.defaultdict copyreg._reconstructor copy_reg._reconstructor argparse.ArgumentParser _codecs.decode __builtin__.set builtins.bytearray
`
  .trim()
  .split(/\s+/);

describe("a name outside the list is refused by its name", () => {
  test.each(CODE)("%s", (name) => {
    const [module, attribute] = [name.slice(0, name.lastIndexOf(".")), name.slice(name.lastIndexOf(".") + 1)];
    const message = new RegExp(`the checkpoint asks for "${name.replaceAll(".", "[.]")}", which is not data[.] [A-Z].*[.]$`);
    const file = (body: string): HostileFile => [name, () => checkpoint(body, { protocol: 4 }), message];
    expectRefused(folder, file(`${global(module, attribute)}${tupleOf(COMMAND)}R`), readCheckpoint);
    expectRefused(folder, file(`${text(module)}${text(attribute)}\x93${tupleOf(COMMAND)}\x81`), readCheckpoint);
    expectRefused(folder, file(dict(text("w"), tensor({ hooks: global(module, attribute) }))), readCheckpoint);
  });

  const disguised: [string, string, string][] = [
    ["a dotted attribute", "torch", "_utils._rebuild_tensor_v2"],
    ["a blank at the end", "torch", "FloatStorage "],
    ["a blank between", "torch FloatStorage", ""],
    ["another alphabet", "оs", "system"],
    ["an empty name", "", ""],
    ["letters that steer a terminal", "\u001b[2J\u202e\u009b", "\u2028x"],
    ["a property of every object", "", "constructor"],
    ["a prototype", "torch", "__proto__"],
  ];
  test.each(disguised)("%s", (name, module, attribute) => {
    expectRefused(
      folder,
      [name, () => checkpoint(`${text(module)}${text(attribute)}\x93`), /the checkpoint asks for ".*", which is not data/],
      readCheckpoint,
    );
  });
});

describe("instructions", () => {
  test("all but the known ones are refused, by name where they have one", () => {
    for (let code = 0; code < 256; code++) {
      if (opcodes.has(code)) continue;
      const name = refusedOpcodes.get(code);
      const message = new RegExp(name ? `instruction ${name}, which` : `unknown instruction 0x${code.toString(16).padStart(2, "0")}`);
      const body = `${String.fromCharCode(code)}${global("os", "system")}${tupleOf(COMMAND)}R`;
      expectRefused(folder, [`instruction ${code}`, () => checkpoint(body), message], readCheckpoint);
    }
  });

  const list = `](${int(1)}e`;
  const rows: [name: string, body: string, message: RegExp][] = [
    ["call a storage class", `${global("torch", "FloatStorage")})R`, /calls FloatStorage/],
    ["call a text", `${text("os.system")}${tupleOf(COMMAND)}R`, /calls something that cannot be called/],
    ["call with a list", `${global("collections", "OrderedDict")}]R`, /arguments that are not a tuple/],
    ["make a new tensor function", `${global("torch._utils", "_rebuild_tensor_v2")})\x81`, /calls torch._utils _rebuild_tensor_v2/],
    ["make an OrderedDict of a text", `${global("collections", "OrderedDict")}${tupleOf(text("ab"))}R`, /not a list/],
    ["make an OrderedDict of singles", `${global("collections", "OrderedDict")}${tupleOf(list)}R`, /other than pairs/],
    [
      "make an OrderedDict with a list as key",
      `${global("collections", "OrderedDict")}${tupleOf(`](${tupleOf("]", "N")}e`)}R`,
      /other than pairs/,
    ],
    ["call Size with nothing", `${global("torch", "Size")})R`, /class or a storage where data/],
    [
      "a device of nested lists",
      `${global("torch", "device")}${tupleOf(`${"](".repeat(200_000)}${"e".repeat(200_000)}`)}R`,
      /a device is not one/,
    ],
    ["bytes in another encoding", `${global("_codecs", "encode")}${tupleOf(text("a"), text("utf-8"))}R`, /latin-1/],
    ["bytes beyond latin-1", `${global("_codecs", "encode")}${tupleOf(text("重"), text("latin1"))}R`, /latin-1/],
    ["state for a tensor", `${tensor()}}b`, /state of something that has none/],
    ["state for a list", "]}b", /state of something that has none/],
    ["state that is a tuple", `${NO_HOOKS}${tupleOf("N", "}")}b`, /state of something that has none/],
    ["an item of a list", `]${int(0)}Ns`, /item of something that is not a dictionary/],
    ["an item of a tensor", `${tensor()}${text("data")}Ns`, /item of something that is not a dictionary/],
    ["a key without value", `}(${text("a")}u`, /without a value/],
    ["append to a tuple", ")Na", /not a list/],
    ["append to a dictionary", "}Na", /not a list/],
    ["a list as key", "}]Ns", /key that is not/],
    ["a tensor as key", `}${tensor()}Ns`, /key that is not/],
    ["a tuple as key", "})Ns", /key that is not/],
    ["a class as value", dict(text("w"), global("torch", "FloatStorage")), /class or a storage where data/],
    ["a storage as value", dict(text("w"), storage()), /class or a storage where data/],
    ["two of an empty stack", "N\x86", /takes more from its stack/],
    ["below a mark", "N(\x85", /takes more from its stack/],
    ["a mark never set", "NNt", /mark that it never set/],
    ["memorize nothing", "q\x00", /takes more from its stack/],
    ["recall nothing", "h\x07", /memo 7, which it never wrote/],
    ["no value", "", /ends with 0 values/],
    ["two values", "NN", /ends with 2 values/],
    ["bytes behind the end", "N.N", /2 bytes follow the end/],
    ["protocol 6", "\x80\x06N", /protocol 6 is unknown/],
    ["an integer cut off", "\x8a\x20\x01", /ends early: 32 bytes are wanted/],
    ["an integer of 2000 bytes", `\x8b${u32(2000).toString("latin1")}${"\x01".repeat(2000)}`, /integer of 2000 bytes/],
    ["an integer of negative length", `\x8b${u32(0xffffffff).toString("latin1")}`, /ends early/],
    ["a text of 2^63 bytes", `\x8d${u64(2n ** 63n).toString("latin1")}`, /ends early/],
    ["bytes of 2^63 bytes", `\x8e${u64(2n ** 63n).toString("latin1")}`, /ends early/],
    ["a text that is not UTF-8", `X${u32(2).toString("latin1")}\xff\xfe`, /not UTF-8/],
    ["half a surrogate pair", `X${u32(3).toString("latin1")}\xed\xa0\x80`, /not UTF-8/],
    ["a name without end", "ctorch", /ends early/],
    ["a name of numbers", `${int(1)}${int(2)}\x93`, /name that is not a string/],
    ["a very long name", global("x".repeat(100_000), "y"), /asks for "x{70,80}[.][.][.]"/],
  ];
  test.each(rows)("%s", (name, body, message) => expectRefused(folder, [name, () => checkpoint(body), message], readCheckpoint));
});

describe("bombs", () => {
  const doubled = `${int(1)}q\x00${"h\x00\x86q\x00".repeat(64)}`;
  const rows: [name: string, body: () => string, message: RegExp][] = [
    ["2^64 values in 64 pairs", () => doubled, /repeats its parts until they are too many/],
    ["a list that contains itself", () => "]q\x00h\x00a", /contains itself/],
    ["a dictionary that contains itself", () => `}q\x00${text("a")}h\x00s`, /contains itself/],
    ["two lists that contain each other", () => "(]q\x00]q\x01h\x00ah\x00h\x01at", /contains itself/],
    ["a tuple in a list in itself", () => "]q\x00h\x00\x85a", /contains itself/],
    ["300 lists deep", () => `${"](".repeat(300)}${"e".repeat(300)}`, /nested more than 256 levels/],
    ["500,000 tuples deep", () => `N${"\x85".repeat(500_000)}`, /nested more than 256 levels/],
    ["300 levels from shared parts", () => `Nq\x00${"\x85".repeat(200)}q\x01${"\x85".repeat(100)}h\x01\x86`, /nested more than 256 levels/],
    ["long keys above many values", () => dict(text("k".repeat(1_000_000)), `](${"N".repeat(100)}e`), /too many to walk through/],
    ["2,000,000 dictionaries", () => `(${"}".repeat(2_000_000)}t`, /more values than any checkpoint needs/],
    ["10,000,000 memos", () => `N${"\x94".repeat(10_000_000)}`, /more values than any checkpoint needs/],
    ["20,000,000 marks", () => "(".repeat(20_000_000), /more values than any checkpoint needs/],
    ["20,000,000 times nothing", () => `](${"N".repeat(20_000_000)}e`, /more values than any checkpoint needs/],
    ["a megabyte turned into bytes 1,000 times", () => bytesBomb(), /more values than any checkpoint needs/],
    ["a state set 1,000,000 times", () => stateBomb(), /more values than any checkpoint needs/],
    ["a pickle of 33 MB", () => `N${" ".repeat(33 * 2 ** 20)}`, /data.pkl" has .* bytes, 33554432 are the limit/],
  ];
  test.each(rows)("%s", (name, body, message) => expectRefused(folder, [name, () => checkpoint(body()), message], readCheckpoint));

  function bytesBomb(): string {
    const prepared = `${global("_codecs", "encode")}q\x00${tupleOf(text("k".repeat(2 ** 20)), text("latin1"))}q\x01\x86`;
    return `(${prepared}${"h\x00h\x01R".repeat(1000)}t`;
  }

  function stateBomb(): string {
    const state = `}q\x00(${Array.from({ length: 1000 }, (_, i) => `${int(i)}N`).join("")}u`;
    return `${state}${global("argparse", "Namespace")})\x81${"h\x00b".repeat(1_000_000)}`;
  }
});

describe("good controls", () => {
  test("a tensor and plain values", () => {
    const value = load(dict(text("w"), tensor(), text("list"), `](${int(-1)}\x88Ne`, text("pair"), tupleOf("\x89", text("x")))) as Map<
      string,
      unknown
    >;
    expect([...value.keys()]).toEqual(["w", "list", "pair"]);
    expect(value.get("list")).toEqual([-1, true, null]);
  });

  test("names that are data", () => {
    expect(load(global("torch", "float16"))).toBe("torch.float16");
    expect(load(`${global("torch", "device")}${tupleOf(text("cuda"), int(1))}R`)).toBe("cuda:1");
    expect(load(`${global("torch", "Size")}${tupleOf(tupleOf(int(2), int(3)))}R`)).toEqual([2, 3]);
    expect(load(`${global("collections", "Counter")}${tupleOf(dict(int(3), int(1)))}R`)).toEqual(new Map([[3, 1]]));
    expect(load(`${global("_codecs", "encode")}${tupleOf(text("a\xff"), text("latin1"))}R`)).toEqual(Uint8Array.of(97, 255));
    expect(load(`${global("collections", "OrderedDict")}${tupleOf(`](](${text("a")}Nee`)}R`)).toEqual(new Map([["a", null]]));
  });

  test("a Namespace is a Map of its attributes, whatever their names", () => {
    const value = load(`${global("argparse", "Namespace")})\x81${dict(text("__proto__"), int(1), text("lr"), "G?\xe0\0\0\0\0\0\0")}b`);
    expect(value).toBeInstanceOf(Namespace);
    expect([...(value as Namespace)]).toEqual([
      ["__proto__", 1],
      ["lr", 0.5],
    ]);
  });

  test("attributes of a state dict are left out, shared lists stay shared", () => {
    expect(load(`${NO_HOOKS}${dict(text("_metadata"), "}")}b`)).toEqual(new Map());
    const [a, b] = load("]q\x00h\x00\x86") as unknown[];
    expect(a).toBe(b);
  });

  test("integers of every length", () => {
    expect(load("\x8a\x00")).toBe(0);
    expect(load("\x8a\x01\xff")).toBe(-1);
    expect(load(`\x8a\x07${"\xff".repeat(6)}\x1f`)).toBe(Number.MAX_SAFE_INTEGER + 0);
    expect(load(`\x8a\x08${"\0".repeat(7)}\x40`)).toBe(2n ** 62n);
    expect(load(`\x8a\x08${"\0".repeat(7)}\x80`)).toBe(-(2n ** 63n));
  });
});
