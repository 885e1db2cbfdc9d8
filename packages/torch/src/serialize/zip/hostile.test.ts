import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isRawTensor } from "../pickle/index.js";
import { readCheckpoint } from "../read-checkpoint.js";
import { elements } from "../testing/elements.js";
import { expectRefused } from "../testing/expect-refused.js";
import { fileOf, temporaryFolder } from "../testing/files.js";
import { checkpointRecords, FOUR_FLOATS, pickle, tensor } from "../testing/pickle-builder.js";
import { type BuiltRecord, buildZip, type EndFields, type HeaderFields, u16, u32, u64 } from "../testing/zip-builder.js";

const folder = temporaryFolder();
const GOOD = checkpointRecords(pickle(tensor()));
const DATA = "archive/data/0";

function withRecord(name: string, change: Partial<BuiltRecord>, end: Partial<EndFields> = {}): Buffer {
  return buildZip(
    GOOD.map((record) => (record.name === name ? { ...record, ...change } : record)),
    end,
  );
}

const lieEverywhere = (fields: Partial<HeaderFields>) => withRecord(DATA, { local: fields, entry: fields });

describe("zip tricks", () => {
  const rows: [name: string, bytes: () => Uint8Array, message: RegExp][] = [
    ["two records of one name", () => buildZip([...GOOD, { name: DATA, bytes: FOUR_FLOATS }]), /two records are called "archive\/data\/0"/],
    ["two pickles in two folders", () => buildZip([...GOOD, { name: "other/data.pkl", bytes: pickle("N") }]), /2 records called data.pkl/],
    ["no pickle", () => buildZip(GOOD.slice(1)), /0 records called data.pkl/],
    ["a pickle in no folder", () => buildZip([{ name: "data.pkl", bytes: pickle("N") }]), /0 records called data.pkl/],
    ["no records at all", () => buildZip([]), /not a model file/],
    ["deflated", () => lieEverywhere({ method: 8 }), /compressed or encrypted/],
    ["an unknown method", () => lieEverywhere({ method: 99 }), /compressed or encrypted/],
    ["encrypted", () => lieEverywhere({ flags: 1 }), /compressed or encrypted/],
    ["strongly encrypted", () => lieEverywhere({ flags: 0x41 }), /compressed or encrypted/],
    ["a patch", () => lieEverywhere({ flags: 0x20 }), /compressed or encrypted/],
    ["hidden headers", () => lieEverywhere({ flags: 0x2000 }), /compressed or encrypted/],
    ["deflated in the local header only", () => withRecord(DATA, { local: { method: 8 } }), /disagree/],
    ["other flags in the local header", () => withRecord(DATA, { local: { flags: 0x0800 } }), /disagree/],
    ["another name in the local header", () => withRecord(DATA, { local: { name: "archive/data/9" } }), /disagree/],
    [
      "a longer name in the local header",
      () => withRecord(DATA, { local: { name: "archive/data/00" } }),
      /disagree|reaches too far|overlaps/,
    ],
    ["another size in the local header", () => withRecord(DATA, { local: { size: 8, stored: 8 } }), /disagree/],
    ["another crc in the local header", () => withRecord(DATA, { local: { crc: 1 } }), /disagree/],
    ["no sizes in the local header", () => withRecord(DATA, { local: { size: 0, stored: 0, crc: 0 } }), /disagree/],
    [
      "half the sizes in the local header",
      () => withRecord(DATA, { local: { flags: 8, size: 16, stored: 0, crc: 0 }, entry: { flags: 8 } }),
      /disagree/,
    ],
    ["another local signature", () => withRecord(DATA, { local: { signature: 0x04034b51 } }), /not where the directory says/],
    ["another crc", () => lieEverywhere({ crc: 1 }), /does not have the CRC-32/],
    ["crc 0 in a file that has others", () => lieEverywhere({ crc: 0 }), /does not have the CRC-32/],
    ["two sizes", () => lieEverywhere({ stored: 8 }), /two sizes/],
    ["a gigabyte", () => lieEverywhere({ size: 2 ** 30, stored: 2 ** 30 }), /reaches too far/],
    ["a size into the next record", () => lieEverywhere({ size: 20, stored: 20 }), /overlaps the next one/],
    ["a place past the end", () => withRecord(DATA, { entry: { offset: 2 ** 30 } }), /begins past the end/],
    [
      "a place in the directory",
      () => withRecord("archive/version", { entry: { offset: directoryOffset() } }),
      /begins past|not where the directory says|reaches too far/,
    ],
    ["the place of another record", () => withRecord(DATA, { entry: { offset: 0 } }), /disagree/],
    ["another disk", () => withRecord(DATA, { entry: { disk: 1 } }), /unreadable entry/],
    ["another signature in the directory", () => withRecord(DATA, { entry: { signature: 0x02014b51 } }), /unreadable entry/],
    [
      "a name that is not UTF-8",
      () => buildZip([...GOOD, { name: "x", bytes: FOUR_FLOATS, entry: { name: Uint8Array.of(0xff, 0xfe) } }]),
      /name is not UTF-8/,
    ],
    [
      "64-bit sizes that are not there",
      () => withRecord(DATA, { entry: { size: 0xffffffff, stored: 0xffffffff } }),
      /lacks its 64-bit sizes/,
    ],
    [
      "64-bit sizes cut off",
      () => withRecord(DATA, { entry: { size: 0xffffffff, extra: Buffer.concat([u16(1, 4), u32(16)]) } }),
      /lacks its 64-bit sizes/,
    ],
    [
      "a 64-bit size of 2^63",
      () => withRecord(DATA, { entry: { size: 0xffffffff, stored: 0xffffffff, extra: wide(2n ** 63n, 2n ** 63n) } }),
      /reaches too far/,
    ],
    [
      "a 64-bit size other than the local one",
      () => withRecord(DATA, { entry: { size: 0xffffffff, stored: 0xffffffff, extra: wide(8, 8) } }),
      /disagree/,
    ],
    ["a TorchScript program", () => buildZip([...GOOD, { name: "archive/constants.pkl", bytes: pickle(")") }]), /a TorchScript program/],
    ["big-endian", () => withRecord("archive/byteorder", { bytes: Buffer.from("big") }), /byte order is "big"/],
    ["a novel as byte order", () => withRecord("archive/byteorder", { bytes: Buffer.alloc(1000) }), /has 1000 bytes, 16 are the limit/],
  ];
  test.each(rows)("%s", (...row) => expectRefused(folder, row, readCheckpoint));

  function wide(...values: (number | bigint)[]): Buffer {
    return Buffer.concat([u16(1, 8 * values.length), u64(...values)]);
  }

  function directoryOffset(): number {
    return buildZip(GOOD).readUInt32LE(buildZip(GOOD).length - 6);
  }
});

describe("end records", () => {
  const good = () => buildZip(GOOD);
  const rows: [name: string, bytes: () => Uint8Array, message: RegExp][] = [
    ["too few entries", () => buildZip(GOOD, { here: 3, entries: 3 }), /3 entries fill/],
    ["too many entries", () => buildZip(GOOD, { here: 5, entries: 5 }), /ends in the middle of an entry|unreadable entry|claims 5 entries/],
    ["65,535 entries", () => buildZip(GOOD, { here: 65535, entries: 65535 }), /claims 65535 entries/],
    ["100,001 entries", () => withEnd64({ here: 100_001, entries: 100_001 }, 0xffff), /claims 100001 entries/],
    ["entries on another disk", () => buildZip(GOOD, { here: 2 }), /one part of several/],
    ["the second disk", () => buildZip(GOOD, { disk: 1 }), /one part of several/],
    ["a directory elsewhere", () => buildZip(GOOD, { offset: 0 }), /directory is not where/],
    ["a directory past the end", () => buildZip(GOOD, { offset: 0xffffff00 }), /directory is not where/],
    ["a shorter directory", () => buildZip(GOOD, { size: 46 }), /directory is not where/],
    ["a comment that is not there", () => buildZip(GOOD, { comment: 100 }), /no end record/],
    ["a comment", () => Buffer.concat([buildZip(GOOD, { comment: 4 }), Buffer.from("text")]), /no end record/],
    ["bytes behind", () => Buffer.concat([good(), Buffer.alloc(3)]), /no end record/],
    ["bytes before", () => Buffer.concat([Buffer.from("PK\x03\x04"), good()]), /directory is not where/],
    ["a second archive behind", () => Buffer.concat([good(), buildZip(checkpointRecords(pickle("N")))]), /directory is not where/],
    ["cut off in the directory", () => good().subarray(0, -40), /no end record/],
    ["cut off in a record", () => good().subarray(0, 200), /no end record/],
    ["cut off in the first header", () => good().subarray(0, 10), /no end record/],
    ["a 64-bit end record elsewhere", () => withEnd64({ at: 5 }), /64-bit end record is not where/],
    ["a 64-bit end record of another kind", () => withEnd64({ signature: 1 }), /64-bit end record is unreadable/],
    ["a longer 64-bit end record", () => withEnd64({ length: 100 }), /64-bit end record is unreadable/],
    ["a 64-bit archive in parts", () => withEnd64({ entries: 5 }), /one part of several/],
    ["two end records that differ", () => withEnd64({ here: 3, entries: 3 }), /two end records .* differ/],
    [
      "2^63 entries",
      () => withEnd64({ here: 2n ** 63n, entries: 2n ** 63n }, 0xffff),
      /claims 9223372036854775807|claims 9223372036854775808 entries|claims 9223372036854776000 entries/,
    ],
  ];
  test.each(rows)("%s", (...row) => expectRefused(folder, row, readCheckpoint));

  interface End64 {
    at: number;
    signature: number;
    length: number;
    here: number | bigint;
    entries: number | bigint;
  }

  function withEnd64(lies: Partial<End64>, entries32 = GOOD.length): Buffer {
    const [archive, end] = [good().subarray(0, -22), good().subarray(-22)];
    const truth = { at: archive.length, signature: 0x06064b50, length: 44, here: GOOD.length, entries: GOOD.length };
    const { at, signature, length, here, entries } = { ...truth, ...lies };
    const place = u64(here, entries, end.readUInt32LE(12), end.readUInt32LE(16));
    const end64 = Buffer.concat([u32(signature), u64(length), u16(45, 45), u32(0, 0), place]);
    end.writeUInt16LE(entries32, 8);
    end.writeUInt16LE(entries32, 10);
    return Buffer.concat([archive, end64, u32(0x07064b50, 0), u64(at), u32(1), end]);
  }

  test("a good 64-bit end record is read (control)", () => {
    expect(isRawTensor(readCheckpoint(fileOf(folder, "good64.pth", withEnd64({}))))).toBe(true);
    expect(isRawTensor(readCheckpoint(fileOf(folder, "good64.pth", withEnd64({}, 0xffff))))).toBe(true);
  });
});

describe("what is no checkpoint", () => {
  const rows: [name: string, bytes: () => Uint8Array, message: RegExp][] = [
    ["nothing", () => Buffer.alloc(0), /the file is empty/],
    ["one byte", () => Buffer.from("P"), /not a model file/],
    ["a web page", () => Buffer.from("\n<!DOCTYPE html><html>"), /a web page/],
    ["a Git LFS pointer", () => Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:00"), /git lfs pull/i],
    ["a tar archive", () => Buffer.concat([Buffer.alloc(257), Buffer.from("ustar"), Buffer.alloc(250)]), /a tar archive/],
    ["a picture", () => Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), /not a model file/],
    ["zip magic alone", () => Buffer.from("PK\x03\x04"), /no end record/],
    ["safetensors", () => Buffer.concat([u64(2), Buffer.from("{}")]), /a safetensors file, not a PyTorch checkpoint/],
  ];
  test.each(rows)("%s", (...row) => expectRefused(folder, row, readCheckpoint));

  test("a missing file, a folder, a pipe, a link to nothing", () => {
    const link = join(folder, "link.pth");
    mkdirSync(join(folder, "folder.pth"));
    symlinkSync("nowhere", link);
    expect(() => readCheckpoint(join(folder, "none.pth"))).toThrow("none.pth: no such file");
    expect(() => readCheckpoint(join(folder, "folder.pth"))).toThrow(
      "folder.pth: not a file. Name a checkpoint, not a folder or a device.",
    );
    expect(() => readCheckpoint("/dev/zero")).toThrow("/dev/zero: not a file");
    expect(() => readCheckpoint(link)).toThrow("link.pth: no such file");
  });
});

describe("good controls", () => {
  const rows: [name: string, bytes: () => Uint8Array][] = [
    ["plain", () => buildZip(GOOD)],
    ["a folder of another name", () => buildZip(GOOD.map((record) => ({ ...record, name: record.name.replace("archive", "größe 1") })))],
    ["a record that nobody asks for", () => buildZip([...GOOD, { name: "archive/.data/serialization_id", bytes: Buffer.from("1") }])],
    ["sizes left to the directory", () => withRecord(DATA, { local: { flags: 8, size: 0, stored: 0, crc: 0 }, entry: { flags: 8 } })],
  ];
  test.each(rows)("%s", (_, bytes) => {
    const value = readCheckpoint(fileOf(folder, "control.pth", bytes()));
    expect(isRawTensor(value) && elements(value)).toEqual([1, 2, 3, 4]);
  });

  test("a file without checksums is read with a warning", () => {
    const silent = { local: { crc: 0 }, entry: { crc: 0 } };
    const path = fileOf(folder, "silent.pth", buildZip(GOOD.map((record) => ({ ...record, ...silent }))));
    const warnings: string[] = [];
    expect(isRawTensor(readCheckpoint(path, { onWarning: (message) => warnings.push(message) }))).toBe(true);
    expect(warnings).toEqual([`${path} was written without checksums: damage to it cannot be noticed`]);
  });

  test("messages are whole sentences", () => {
    const path = fileOf(folder, "rot.pth", lieEverywhere({ crc: 1 }));
    const why = 'record "archive/data/0" does not have the CRC-32 it was written with (bit rot?)';
    expect(() => readCheckpoint(path)).toThrow(`${path}: ${why}. The file is damaged or forged: get it again from its source.`);
  });
});
