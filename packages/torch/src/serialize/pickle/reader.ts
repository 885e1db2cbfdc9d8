import { InputError } from "@singleshot/base";
import { damaged } from "../bytes.js";
import { type PersistentLoad, PickleMachine } from "./machine.js";
import { opcodes, refusedOpcodes } from "./opcodes.js";

/** More are refused. */
export const MAX_PICKLE_BYTES = 32 * 2 ** 20; // a state dict of 1,000 tensors has 0.1 MB

/**
 * Reads one pickle, a program for a stack machine, from `start` to its STOP. This machine makes data and nothing else: all names that a
 * file may ask for are the table in `pickle-globals.ts`, all instructions the one in `pickle-opcodes.ts`.
 *
 * @returns the value, to be checked by `checkValue`, and the place behind the pickle
 */
export function readPickle(bytes: Uint8Array, start: number, persistentLoad: PersistentLoad): { value: unknown; end: number } {
  if (bytes.length > MAX_PICKLE_BYTES) damaged(`the pickle has ${bytes.length} bytes, ${MAX_PICKLE_BYTES} are the limit`);
  const machine = new PickleMachine(bytes, start, persistentLoad);
  while (!machine.stopped) {
    const code = machine.uint(1);
    const run = opcodes.get(code);
    if (!run) return refuse(code);
    run(machine);
  }
  if (machine.depth !== 1) damaged(`the pickle ends with ${machine.depth} values instead of one`);
  return { value: machine.pop(), end: machine.at };
}

function refuse(code: number): never {
  const name = refusedOpcodes.get(code);
  if (!name) damaged(`the pickle has the unknown instruction 0x${code.toString(16).padStart(2, "0")}`);
  throw new InputError(`the pickle has the instruction ${name}, which no checkpoint needs`, {
    fix: "save a state dict with torch.save and its default protocol",
  });
}
