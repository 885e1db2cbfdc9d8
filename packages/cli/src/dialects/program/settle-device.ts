import type { World } from "@singleshot/torch/world";
import { type Terminal, tellDevice } from "../../terminal/index.js";
import { type DeviceChoice, type Devices, deviceFor } from "./devices.js";
import type { Parsed } from "./program.js";
import type { Row } from "./row.js";
import { deviceNotes, notesOf } from "./translate.js";

interface Settling {
  devices: Devices;
  terminal: Terminal;
  world?: World | undefined;
  /** What else is to be said; left out: the flags without effect. */
  notes?: readonly string[];
}

/** Chooses where a program computes, and says it with all notes that there are. @throws InputError */
export async function settleDevice(
  program: { rows: readonly Row<never>[] },
  said: Pick<Parsed, "values" | "given">,
  { devices, terminal, world, notes = notesOf(program as never, said) }: Settling,
): Promise<DeviceChoice> {
  const choice = await deviceFor(devices, world);
  for (const note of [...notes, ...deviceNotes(program as never, said, choice)]) terminal.note(`note: ${note}`);
  await tellDevice(choice.device, { world }, terminal);
  return choice;
}
