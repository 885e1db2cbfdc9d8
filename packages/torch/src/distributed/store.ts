import { hostname } from "node:os";
import { InputError } from "@singleshot/base";
import { native } from "../native.js";
import { failureOf, named, type Speaker } from "./failure.js";
import { type Patience, within } from "./patience.js";
import type { World } from "./world.js";

/** What libtorch says where a port cannot be listened at: `(errno: 98 - Address already in use)`, or `message: address already in use`. */
const NOT_SERVED = /failed to (?:listen|bind)/;
const REASON = /(?:errno: \d+ - |message: )([^).\n]+)/;

/** One end of a TCPStore: texts by key that all ranks see. Rank 0 serves it. */
export class Store {
  private constructor(
    readonly number: number,
    readonly speaker: Speaker,
  ) {}

  /**
   * @throws InputError where rank 0 cannot have the port
   * @throws GroupFailure where another rank does not find rank 0's store there
   */
  static async open({ rank, size, masterAddress, masterPort }: World, timeoutMs: number): Promise<Store> {
    try {
      return new Store(await native.connectStore(masterAddress, masterPort, rank === 0, timeoutMs), { rank, size });
    } catch (error) {
      const { message } = error as Error;
      if (rank === 0 && NOT_SERVED.test(message)) throw notServed(masterPort, REASON.exec(message)?.[1]);
      throw failureOf({ rank, size }, `reaching the store of rank 0 at ${masterAddress}:${masterPort}`, error);
    }
  }

  set(key: string, text: string): Promise<void> {
    return named(this.speaker, `setting '${key}' in the store`, native.setInStore(this.number, key, text));
  }

  /** The text, as soon as a rank has set it. */
  get(key: string): Promise<string> {
    return named(this.speaker, `waiting for '${key}' in the store`, native.getFromStore(this.number, key));
  }

  has(key: string): Promise<boolean> {
    return named(this.speaker, `looking for '${key}' in the store`, native.storeHas(this.number, key));
  }

  /** The sum of what all ranks have added; undefined where the store does not answer. */
  add(key: string, amount: number, patience: Patience): Promise<number | undefined> {
    return within(named(this.speaker, `adding to '${key}' in the store`, native.addInStore(this.number, key, amount)), patience);
  }

  close(): void {
    native.closeStore(this.number);
  }
}

/** Rank 0 cannot have its port. */
export function notServed(port: number, reason = "for no reason that libtorch tells"): InputError {
  return new InputError(`rank 0 cannot listen at port ${port} of ${hostname()} (${reason.toLowerCase()})`, {
    fix: "name another port, the same for all processes: --master-port, or MASTER_PORT in their environment",
  });
}
