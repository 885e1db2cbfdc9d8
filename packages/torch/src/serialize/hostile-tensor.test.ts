import { describe, expect, test } from "vitest";
import { isRawTensor } from "./pickle/index.js";
import { readCheckpoint } from "./read-checkpoint.js";
import { elements } from "./testing/elements.js";
import { expectRefused } from "./testing/expect-refused.js";
import { fileOf, temporaryFolder } from "./testing/files.js";
import {
  checkpoint,
  checkpointRecords,
  dict,
  FOUR_FLOATS,
  global,
  int,
  legacyCheckpoint,
  NO_HOOKS,
  pickle,
  storage,
  tensor,
  text,
  tupleOf,
} from "./testing/pickle-builder.js";
import { buildZip, u32, u64 } from "./testing/zip-builder.js";

const folder = temporaryFolder();
const HALF = "G?\xe0\0\0\0\0\0\0";
const long = (value: bigint) => `\x8a\x09${u64(BigInt.asUintN(64, value)).toString("latin1")}\0`;

describe("lying tensors", () => {
  const rows: [name: string, body: string, message: RegExp][] = [
    ["offset past the end", tensor({ offset: int(1) }), /\[4\], stride \[1\] and offset 1 reach past the 4 elements/],
    ["negative offset", tensor({ offset: int(-1) }), /offset -1: each must be/],
    ["offset of half an element", tensor({ offset: HALF }), /offset 0.5: each must be/],
    ["offset 2^63", tensor({ offset: long(2n ** 63n) }), /wrong arguments/],
    ["offset that is a text", tensor({ offset: text("0") }), /wrong arguments/],
    ["offset True", tensor({ offset: "\x88" }), /wrong arguments/],
    ["an empty tensor past the end", tensor({ shape: tupleOf(int(0)), offset: int(5) }), /reach past/],
    ["one element too many", tensor({ shape: tupleOf(int(5)) }), /shape \[5\].* reach past the 4 elements/],
    ["negative size", tensor({ shape: tupleOf(int(-4)) }), /each must be/],
    ["size NaN", tensor({ shape: tupleOf("G\x7f\xf8\0\0\0\0\0\0") }), /each must be/],
    ["size that is a list", tensor({ shape: tupleOf("]") }), /wrong arguments/],
    ["shape that is a list", tensor({ shape: `](${int(4)}e` }), /wrong arguments/],
    ["shape that is a number", tensor({ shape: int(4) }), /wrong arguments/],
    ["more sizes than strides", tensor({ shape: tupleOf(int(2), int(2)) }), /as many strides as sizes/],
    ["more strides than sizes", tensor({ stride: tupleOf(int(1), int(1)) }), /as many strides as sizes/],
    ["stride too wide", tensor({ stride: tupleOf(int(2)) }), /reach past/],
    ["negative stride", tensor({ offset: int(3), stride: tupleOf(int(-1)) }), /each must be/],
    [
      "sizes that overflow 64 bits",
      tensor({ shape: tupleOf(int(65536), int(65536), int(65536), int(65536)), stride: tupleOf(int(0), int(0), int(0), int(0)) }),
      /more elements than can be counted/,
    ],
    [
      "sizes that overflow beside a zero",
      tensor({ shape: tupleOf(int(0), long(2n ** 52n), int(4)), stride: tupleOf(int(0), int(0), int(0)) }),
      /more elements than/,
    ],
    ["strides that overflow", tensor({ shape: tupleOf(int(2), int(2)), stride: tupleOf(long(2n ** 52n), long(2n ** 52n)) }), /reach past/],
    ["65 dimensions", tensor({ shape: `(${int(1).repeat(65)}t`, stride: `(${int(1).repeat(65)}t` }), /65 dimensions; 64 are the limit/],
    [
      "a terabyte from one element",
      tensor({ shape: tupleOf(int(2 ** 30), int(1024)), stride: tupleOf(int(0), int(0)) }),
      /4398046511104 bytes when copied, 167[0-9]{5} are the limit/,
    ],
    [
      "a thousand times a megabyte from one element",
      `(${tensor({ shape: tupleOf(int(262144)), stride: tupleOf(int(0)) }).repeat(1000)}t`,
      /bytes when copied/,
    ],
    [
      "one tensor a million times",
      `${tensor({ shape: tupleOf(int(65536)), stride: tupleOf(int(0)) })}q\x01(${"h\x01".repeat(5000)}t\x86`,
      /bytes when copied/,
    ],
    ["no arguments", `${global("torch._utils", "_rebuild_tensor_v2")})R`, /wrong arguments/],
    ["three arguments", `${global("torch._utils", "_rebuild_tensor_v2")}${tupleOf(storage(), int(0), ")")}R`, /wrong arguments/],
    ["eight arguments", tensor({ more: "NN" }), /wrong arguments/],
    ["requires_grad 1", tensor({ requiresGrad: int(1) }), /wrong arguments/],
    ["a hook", tensor({ hooks: dict(int(0), text("hook")) }), /has backward hooks/],
    ["a conjugate", tensor({ more: dict(text("conj"), "\x88") }), /lazy conjugate or negative/],
    ["of no storage", tensor({ data: "N" }), /wrong arguments/],
    ["of a tensor", tensor({ data: tensor() }), /wrong arguments/],
    ["of a class", tensor({ data: global("torch", "FloatStorage") }), /wrong arguments/],
    [
      "a parameter of nothing",
      `${global("torch._utils", "_rebuild_parameter")}${tupleOf("N", "\x88", NO_HOOKS)}R`,
      /a parameter is rebuilt/,
    ],
    [
      "a parameter with a hook",
      `${global("torch._utils", "_rebuild_parameter")}${tupleOf(tensor(), "\x88", dict(int(0), "N"))}R`,
      /has backward hooks/,
    ],
  ];
  test.each(rows)("%s", (name, body, message) => expectRefused(folder, [name, () => checkpoint(body), message], readCheckpoint));
});

describe("lying storages", () => {
  const rows: [name: string, parts: Parameters<typeof storage>[0], message: RegExp][] = [
    ["too long", { length: int(5) }, /said to have 20 bytes, its record has 16/],
    ["too short", { length: int(3) }, /said to have 12 bytes, its record has 16/],
    ["1,000,000,000 elements", { length: int(1_000_000_000) }, /said to have 4000000000 bytes, its record has 16/],
    ["negative length", { length: int(-4) }, /impossible length/],
    ["length 2^62", { length: long(2n ** 62n) }, /impossible length/],
    ["length 3.5", { length: "G@\x0c\0\0\0\0\0\0" }, /impossible length/],
    ["length True", { length: "\x88" }, /impossible length/],
    ["length of nested lists", { length: `${"](".repeat(100_000)}${"e".repeat(100_000)}` }, /impossible length/],
    ["wider elements than the record", { type: global("torch", "DoubleStorage") }, /said to have 32 bytes/],
    [
      "booleans of 63 and 128",
      { type: global("torch", "BoolStorage"), length: int(16) },
      /storage "0" has booleans that are neither 0 nor 1/,
    ],
    ["a class that does not exist", { type: global("torch", "SecretStorage") }, /asks for "torch.SecretStorage"/],
    ["a class of another module", { type: global("torch.cuda", "FloatStorage") }, /asks for "torch.cuda.FloatStorage"/],
    ["a class that is a text", { type: text("FloatStorage") }, /unknown kind of storage/],
    ["a class that is an element type", { type: global("torch", "float32") }, /unknown kind of storage/],
    ["a class that is a function", { type: global("torch._utils", "_rebuild_tensor_v2") }, /unknown kind of storage/],
    ["another record's name", { key: text("../data.pkl") }, /no record "archive\/data\/..\/data.pkl"/],
    ["a path out of the archive", { key: text("../../../etc/passwd") }, /no record/],
    ["an absolute path", { key: text("/etc/passwd") }, /no record/],
    ["a key of a prototype", { key: text("__proto__") }, /no record "archive\/data\/__proto__"/],
    ["a key that is a number", { key: int(0) }, /unknown kind of storage/],
    ["a location that is a number", { location: int(0) }, /unknown kind of storage/],
    ["another kind of thing", { kind: text("module") }, /not a storage/],
    ["a view", { more: tupleOf(text("0"), int(0), int(4)) }, /unknown kind of storage/],
    ["a seventh part", { more: "NN" }, /not a storage/],
  ];
  test.each(rows)("%s", (name, parts, message) => {
    expectRefused(folder, [name, () => checkpoint(dict(text("w"), tensor({ data: storage(parts) }))), message], readCheckpoint);
  });

  const ids: [name: string, body: string, message: RegExp][] = [
    ["an id that is a number", `${int(0)}Q`, /not a storage/],
    ["an id of nothing", ")Q", /not a storage/],
    ["an id that is a list", `](${text("storage")}eQ`, /not a storage/],
    [
      "one storage as floats and as integers",
      tupleOf(tensor(), tensor({ data: storage({ type: global("torch", "IntStorage") }) })),
      /described in two ways/,
    ],
    [
      "one storage in two lengths",
      tupleOf(tensor(), tensor({ data: storage({ length: int(2) }), shape: tupleOf(int(2)) })),
      /described in two ways/,
    ],
  ];
  test.each(ids)("%s", (name, body, message) => expectRefused(folder, [name, () => checkpoint(body), message], readCheckpoint));

  test("a storage whose record is missing", () => {
    const records = checkpointRecords(pickle(tensor())).filter(({ name }) => name !== "archive/data/0");
    expectRefused(folder, ["missing record", () => buildZip(records), /no record "archive\/data\/0"/], readCheckpoint);
  });
});

describe("lying legacy files", () => {
  const COUNT = u32(4, 0);
  const rows: [name: string, bytes: () => Uint8Array, message: RegExp][] = [
    ["no storages", () => legacyCheckpoint(tensor(), { storages: Buffer.alloc(0) }), /8 bytes are wanted/],
    ["a storage cut off", () => legacyCheckpoint(tensor(), { storages: Buffer.concat([COUNT, Buffer.alloc(15)]) }), /16 bytes are wanted/],
    [
      "bytes behind",
      () => legacyCheckpoint(tensor(), { storages: Buffer.concat([COUNT, Buffer.alloc(17)]) }),
      /1 bytes follow the last storage/,
    ],
    [
      "another length",
      () => legacyCheckpoint(tensor(), { storages: Buffer.concat([u32(5, 0), Buffer.alloc(20)]) }),
      /has 5 elements, 4 were announced/,
    ],
    ["a length of 2^63", () => legacyCheckpoint(tensor(), { storages: u64(2n ** 63n) }), /were announced/],
    [
      "an announced terabyte",
      () => legacyCheckpoint(tensor({ data: storage({ length: long(2n ** 40n) }) })),
      /elements, 1099511627776 were announced/,
    ],
    [
      "booleans of 63 and 128",
      () =>
        legacyCheckpoint(tensor({ data: storage({ type: global("torch", "BoolStorage") }) }), {
          storages: Buffer.concat([COUNT, FOUR_FLOATS.subarray(0, 4)]),
        }),
      /neither 0 nor 1/,
    ],
    ["no keys", () => legacyCheckpoint(tensor(), { keys: "]", storages: Buffer.alloc(0) }), /storage "0" is missing/],
    ["keys that are no list", () => legacyCheckpoint(tensor(), { keys: text("0"), storages: Buffer.alloc(0) }), /storage "0" is missing/],
    ["a key too many", () => legacyCheckpoint(tensor(), { keys: `](${text("0")}${text("1")}e` }), /does not use, or the same one twice/],
    ["a key twice", () => legacyCheckpoint(tensor(), { keys: `](${text("0")}${text("0")}e` }), /does not use, or the same one twice/],
    ["a key that is a number", () => legacyCheckpoint(tensor(), { keys: `](${int(0)}e` }), /does not use, or the same one twice/],
    [
      "code in the value",
      () => legacyCheckpoint(`${global("os", "system")}${tupleOf(text("touch pwned-by-checkpoint"))}R`),
      /asks for "os.system"/,
    ],
    ["code in the keys", () => legacyCheckpoint(tensor(), { keys: `${global("os", "system")})R` }), /asks for "os.system"/],
    ["a storage in the keys", () => legacyCheckpoint(tensor(), { keys: `](${storage()}e` }), /where none may be/],
    ["a storage in the magic number", () => pickle(storage()), /where none may be/],
    ["another magic number", () => pickle(int(5)), /a pickle, not a checkpoint/],
    ["another version", () => replace(legacyCheckpoint(tensor()), int(1001), int(1002)), /unknown version of the legacy/],
    ["a big-endian machine", () => replace(legacyCheckpoint(tensor()), "\x88u", "\x89u"), /little-endian/],
    ["a machine that is a list", () => replace(legacyCheckpoint(tensor()), dict(text("little_endian"), "\x88"), "]"), /little-endian/],
  ];
  test.each(rows)("%s", (...row) => expectRefused(folder, row, readCheckpoint));

  function replace(bytes: Uint8Array, from: string, to: string): Uint8Array {
    return Buffer.from(Buffer.from(bytes).toString("latin1").replace(from, to), "latin1");
  }
});

describe("good controls", () => {
  const rows: [name: string, bytes: () => Uint8Array, values: number[]][] = [
    ["a tensor", () => checkpoint(tensor()), [1, 2, 3, 4]],
    ["the legacy format", () => legacyCheckpoint(tensor()), [1, 2, 3, 4]],
    ["its last element", () => checkpoint(tensor({ offset: int(3), shape: tupleOf(int(1)) })), [4]],
    ["a wide stride of one element", () => checkpoint(tensor({ shape: tupleOf(int(1)), stride: tupleOf(int(1000)) })), [1]],
    ["stepped over", () => checkpoint(tensor({ offset: int(1), shape: tupleOf(int(2)), stride: tupleOf(int(2)) })), [2, 4]],
    ["stretched", () => checkpoint(tensor({ shape: tupleOf(int(3)), stride: tupleOf(int(0)) })), [1, 1, 1]],
    ["transposed", () => checkpoint(tensor({ shape: tupleOf(int(2), int(2)), stride: tupleOf(int(1), int(2)) })), [1, 3, 2, 4]],
    ["empty at the end", () => checkpoint(tensor({ offset: int(4), shape: tupleOf(int(0)) })), []],
    ["a scalar", () => checkpoint(tensor({ shape: ")", stride: ")" })), [1]],
    [
      "four arguments",
      () => checkpoint(`${global("torch._utils", "_rebuild_tensor")}${tupleOf(storage(), int(0), tupleOf(int(4)), tupleOf(int(1)))}R`),
      [1, 2, 3, 4],
    ],
    ["empty metadata", () => checkpoint(tensor({ more: "}" })), [1, 2, 3, 4]],
  ];
  test.each(rows)("%s", (_, bytes, values) => {
    const read = readCheckpoint(fileOf(folder, "control.pth", bytes()));
    if (!isRawTensor(read)) throw new Error("not a tensor");
    expect(elements(read)).toEqual(values);
  });
});
