import { InputError } from "@singleshot/base";
import { damaged } from "../bytes.js";
import { findGlobal, PickleGlobal } from "./globals.js";
import type { PickleMachine } from "./machine.js";
import { type CheckpointKey, type CheckpointValue, isKey, isTuple, Namespace } from "./value.js";

const ENTRY = 50; // bytes that an entry takes in a list or a dictionary

type Instruction = (machine: PickleMachine) => void;

/** What is carried out: the instructions that `torch.save` writes with the protocols 2 to 5, and Python 2's strings. */
const carriedOut: [byte: string, name: string, run: Instruction][] = [
  ["\x80", "PROTO", protocol],
  ["\x95", "FRAME", (m) => void m.uint64()], // a hint for buffering
  [".", "STOP", (m) => m.stop()],

  ["N", "NONE", (m) => m.push(null)],
  ["\x88", "NEWTRUE", (m) => m.push(true)],
  ["\x89", "NEWFALSE", (m) => m.push(false)],
  ["K", "BININT1", (m) => m.push(m.uint(1))],
  ["M", "BININT2", (m) => m.push(m.uint(2))],
  ["J", "BININT", (m) => m.push(m.uint(4) | 0)],
  ["\x8a", "LONG1", (m) => m.push(integer(m, m.uint(1)))],
  ["\x8b", "LONG4", (m) => m.push(integer(m, m.uint(4)))],
  ["G", "BINFLOAT", (m) => m.push(m.float64())],
  ["X", "BINUNICODE", (m) => m.push(m.text(m.uint(4)))],
  ["\x8c", "SHORT_BINUNICODE", (m) => m.push(m.text(m.uint(1)))],
  ["\x8d", "BINUNICODE8", (m) => m.push(m.text(m.uint64()))],
  ["T", "BINSTRING", (m) => m.push(m.text(m.uint(4)))],
  ["U", "SHORT_BINSTRING", (m) => m.push(m.text(m.uint(1)))],
  ["B", "BINBYTES", (m) => m.push(m.take(m.uint(4)).slice())],
  ["C", "SHORT_BINBYTES", (m) => m.push(m.take(m.uint(1)).slice())],
  ["\x8e", "BINBYTES8", (m) => m.push(m.take(m.uint64()).slice())],

  ["(", "MARK", (m) => m.mark()],
  [")", "EMPTY_TUPLE", (m) => m.push(Object.freeze([]))],
  ["\x85", "TUPLE1", (m) => tupleOf(m, 1)],
  ["\x86", "TUPLE2", (m) => tupleOf(m, 2)],
  ["\x87", "TUPLE3", (m) => tupleOf(m, 3)],
  ["t", "TUPLE", (m) => m.push(Object.freeze(m.popMark()))],
  ["]", "EMPTY_LIST", (m) => m.push([])],
  ["a", "APPEND", (m) => append(m, [m.pop()])],
  ["e", "APPENDS", (m) => append(m, m.popMark())],
  ["}", "EMPTY_DICT", (m) => m.push(new Map())],
  ["s", "SETITEM", (m) => setItems(m, [m.pop(), m.pop()].reverse())],
  ["u", "SETITEMS", (m) => setItems(m, m.popMark())],

  ["q", "BINPUT", (m) => m.memorize(m.uint(1))],
  ["r", "LONG_BINPUT", (m) => m.memorize(m.uint(4))],
  ["\x94", "MEMOIZE", (m) => m.memorize()],
  ["h", "BINGET", (m) => m.recall(m.uint(1))],
  ["j", "LONG_BINGET", (m) => m.recall(m.uint(4))],

  ["c", "GLOBAL", (m) => m.push(findGlobal(m.line(), m.line()))],
  ["\x93", "STACK_GLOBAL", stackGlobal],
  ["Q", "BINPERSID", (m) => m.push(m.persistentLoad(m.pop()))],
  ["R", "REDUCE", (m) => build(m, "reduce")],
  ["\x81", "NEWOBJ", (m) => build(m, "create")],
  ["b", "BUILD", setState],
];

/** What Python would carry out too. Only the names are needed here, to refuse by. */
const refused: [bytes: string, names: string][] = [
  ["012", "POP POP_MARK DUP"],
  ["FILSVdlgpP", "FLOAT INT LONG STRING UNICODE DICT LIST GET PUT PERSID"],
  ["io\x92", "INST OBJ NEWOBJ_EX"],
  ["\x82\x83\x84", "EXT1 EXT2 EXT4"],
  ["\x8f\x90\x91", "EMPTY_SET ADDITEMS FROZENSET"],
  ["\x96\x97\x98", "BYTEARRAY8 NEXT_BUFFER READONLY_BUFFER"],
];

export const opcodes = new Map(carriedOut.map(([byte, , run]) => [byte.charCodeAt(0), run]));
export const refusedOpcodes = new Map(refused.flatMap(([bytes, names]) => names.split(" ").map((name, i) => [bytes.charCodeAt(i), name])));

function protocol(m: PickleMachine): void {
  const version = m.uint(1);
  if (version > 5) throw new InputError(`pickle protocol ${version} is unknown`, { fix: "save with torch.save's default protocol" });
}

/** Little-endian two's complement of any length; a bigint where a number would lose digits. */
function integer(m: PickleMachine, length: number): number | bigint {
  const bytes = Buffer.from(m.take(length)).reverse();
  if (length > 1024) damaged(`the pickle has an integer of ${length} bytes`);
  const value = length === 0 ? 0n : BigInt.asIntN(8 * length, BigInt(`0x${bytes.toString("hex")}`));
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function tupleOf(m: PickleMachine, count: number): void {
  m.push(Object.freeze(Array.from({ length: count }, () => m.pop()).reverse()));
}

function append(m: PickleMachine, items: unknown[]): void {
  const list: unknown = m.top();
  if (!Array.isArray(list) || Object.isFrozen(list)) damaged("the pickle appends to something that is not a list");
  m.spend(items.length * ENTRY);
  for (const item of items) list.push(item);
}

function setItems(m: PickleMachine, items: unknown[]): void {
  const dictionary = m.top();
  if (!(dictionary instanceof Map)) damaged("the pickle sets an item of something that is not a dictionary");
  if (items.length % 2 !== 0) damaged("the pickle sets a dictionary's item without a value");
  m.spend(items.length * ENTRY);
  for (let i = 0; i < items.length; i += 2) {
    if (!isKey(items[i])) throw new InputError("a dictionary has a key that is not a string, a number, a bool or None");
    dictionary.set(items[i] as CheckpointKey, items[i + 1] as CheckpointValue);
  }
}

function stackGlobal(m: PickleMachine): void {
  const [name, module] = [m.pop(), m.pop()];
  if (typeof module !== "string" || typeof name !== "string") damaged("the pickle asks for a name that is not a string");
  m.push(findGlobal(module, name));
}

/** Calls one of our own few builders (`pickle-globals.ts`): no name of the file's choosing is ever called. */
function build(m: PickleMachine, how: "reduce" | "create"): void {
  const [args, target] = [m.pop(), m.pop()];
  if (!isTuple(args)) damaged("the pickle passes arguments that are not a tuple");
  const builder = target instanceof PickleGlobal ? target[how] : undefined;
  if (!builder) damaged(`the pickle calls ${target instanceof PickleGlobal ? target.name : "something that cannot be called"}`);
  m.push(builder(args, (bytes) => m.spend(bytes)));
}

/** A Namespace gets its attributes; those that state dicts carry (`_metadata`: version numbers of modules) are left out. */
function setState(m: PickleMachine): void {
  const [state, target] = [m.pop(), m.top()];
  if (!(state instanceof Map && target instanceof Map)) damaged("the pickle sets the state of something that has none");
  if (!(target instanceof Namespace)) return;
  m.spend(state.size * ENTRY);
  for (const [key, value] of state) target.set(key, value);
}
