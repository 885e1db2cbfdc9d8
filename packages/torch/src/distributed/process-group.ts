import { hostname } from "node:os";
import type { Device } from "../devices.js";
import { native } from "../native.js";
import { Tensor } from "../ops.generated.js";
import { fromBuffer } from "../tensor.js";
import { handleOf } from "../tensor-base.js";
import { ownAddress } from "./address.js";
import { failureOf, type Speaker } from "./failure.js";
import type { World } from "./world.js";

export type Reduction = "sum" | "max" | "min";

export interface JoinOptions {
  /** How long a collective waits for the other ranks. */
  timeoutMs?: number;
  /** How long to wait until all ranks have come. */
  joinMs?: number;
  /** Where the tensors will be. Those on GPUs go by NCCL where each process has one of its own, else by way of the CPU. */
  device?: Device;
}

const MINUTE = 60_000;

/** One end of a TCPStore: texts by key that all ranks see. Rank 0 serves it. */
class Store {
  private constructor(
    readonly number: number,
    readonly speaker: Speaker,
  ) {}

  static async connect({ rank, size, masterAddress, masterPort }: World, timeoutMs: number): Promise<Store> {
    const serves = rank === 0;
    const what = serves ? `serving the store at port ${masterPort}` : `reaching the store of rank 0 at ${masterAddress}:${masterPort}`;
    const number = await named({ rank, size }, what, native.connectStore(masterAddress, masterPort, serves, timeoutMs));
    return new Store(number, { rank, size });
  }

  set(key: string, text: string): Promise<void> {
    return named(this.speaker, `setting '${key}' in the store`, native.setInStore(this.number, key, text));
  }

  /** The text, as soon as a rank has set it. */
  get(key: string): Promise<string> {
    return named(this.speaker, `waiting for '${key}' in the store`, native.getFromStore(this.number, key));
  }

  close(): void {
    native.closeStore(this.number);
  }
}

/** Gives what goes wrong in a collective its rank, host and operation. */
async function named<T>(speaker: Speaker, operation: string, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw failureOf(speaker, operation, error);
  }
}

/**
 * Processes that do the same things in the same order, over libtorch's c10d (Gloo, NCCL). Every method is a collective: all ranks have to call
 * it, with tensors of the same shape and type. Waiting leaves the event loop free, but for `startSum`.
 *
 * Every collective throws GroupFailure, naming rank, host and operation, where another rank is gone or does not come in time.
 */
export class ProcessGroup {
  private constructor(
    readonly number: number,
    readonly rank: number,
    readonly size: number,
    private readonly opened: (name: string) => Promise<ProcessGroup>,
    readonly store: Store,
  ) {}

  #nccl = false;

  /** Whether tensors on GPUs go by NCCL, of which two groups must not be at work at the same time. */
  get nccl(): boolean {
    return this.#nccl;
  }

  /**
   * The group of all ranks of a world, once all have come.
   * @throws GroupFailure where they do not
   */
  static async join(
    world: World,
    { timeoutMs = 30 * MINUTE, joinMs = 10 * MINUTE, device = "cpu" }: JoinOptions = {},
  ): Promise<ProcessGroup> {
    const store = await Store.connect(world, joinMs);
    const address = await ownAddress(world);
    const { rank, size } = world;
    const open = async (name: string): Promise<ProcessGroup> => {
      const opening = native.openGroup(store.number, name, rank, size, address, timeoutMs);
      return new ProcessGroup(await named(world, `waiting for the other ranks (at ${address})`, opening), rank, size, open, store);
    };
    const group = await open("main");
    await group.#useNccl(device);
    return group;
  }

  /** Where each process has a GPU of its own: NCCL refuses two on one. */
  async #useNccl(device: Device): Promise<void> {
    const own = device.startsWith("cuda") && native.hasNccl() ? `${hostname()} ${native.deviceIdentity(device)}` : "";
    const all = (await this.gatherBytes(new TextEncoder().encode(own))).map((bytes) => new TextDecoder().decode(bytes));
    if (all.includes("") || new Set(all).size < all.length) return;
    native.addNccl(this.number);
    this.#nccl = true;
  }

  /** Another group of the same ranks, whose collectives do not wait for those of this one. */
  another(name: string): Promise<ProcessGroup> {
    return this.opened(name);
  }

  /** Every element becomes the sum (largest, smallest) over all ranks; the same bits on each. */
  allReduce(tensor: Tensor, reduction: Reduction = "sum"): Promise<void> {
    return named(this, `${reduction} of ${tensor}`, native.allReduce(this.number, handleOf(tensor, "allReduce"), reduction));
  }

  /**
   * Begins the sum over all ranks, in place, for what a forward pass cannot end without.
   * @returns what waits for it, once: the thread stands still until the sum is there
   */
  startSum(tensor: Tensor): () => void {
    const sum = native.startSum(this.number, handleOf(tensor, "startSum"));
    return () => {
      try {
        native.awaitSum(sum);
      } catch (error) {
        throw failureOf(this, `sum of ${tensor}`, error);
      }
    };
  }

  /** The tensor becomes that of the root. */
  broadcast(tensor: Tensor, root = 0): Promise<void> {
    return named(this, `broadcast of ${tensor}`, native.broadcast(this.number, handleOf(tensor, "broadcast"), root));
  }

  /** The tensors of all ranks, stacked: [size, …]. */
  async allGather(tensor: Tensor): Promise<Tensor> {
    return new Tensor(await named(this, `gather of ${tensor}`, native.allGather(this.number, handleOf(tensor, "allGather"))));
  }

  /** What each rank has to say, by rank: some numbers, as many on all. */
  async gatherNumbers(values: readonly number[]): Promise<number[][]> {
    using own = fromBuffer(Float64Array.from(values));
    using all = await this.allGather(own);
    const flat = [...all.toTypedArray<"float64">()];
    return Array.from({ length: this.size }, (_, rank) => flat.slice(rank * values.length, (rank + 1) * values.length));
  }

  /** The bytes of each rank, by rank; they may be of any length. */
  async gatherBytes(bytes: Uint8Array): Promise<Uint8Array[]> {
    const lengths = (await this.gatherNumbers([bytes.length])).map(([length = 0]) => length);
    const padded = new Uint8Array(Math.max(1, ...lengths));
    padded.set(bytes);
    using own = fromBuffer(padded);
    using all = await this.allGather(own);
    const flat = all.toTypedArray<"uint8">();
    return lengths.map((length, rank) => flat.slice(rank * padded.length, rank * padded.length + length));
  }

  /** The root's bytes on every rank; the others give none. */
  async broadcastBytes(bytes: Uint8Array | undefined, root = 0): Promise<Uint8Array> {
    const lengths = await this.gatherNumbers([bytes?.length ?? 0]);
    const buffer = bytes && this.rank === root ? bytes : new Uint8Array(lengths[root]![0]!);
    if (buffer.length === 0) return buffer;
    using tensor = fromBuffer(buffer);
    await this.broadcast(tensor, root);
    return buffer;
  }

  /** When all ranks have come. */
  barrier(): Promise<void> {
    return named(this, "barrier", native.barrier(this.number));
  }

  /** An error that came out of an operator or of backward, as a GroupFailure where a collective inside of it has failed. */
  explained(error: unknown): unknown {
    return native.groupFailed(this.number) ? failureOf(this, "a sum within the step", error) : error;
  }

  /** Lets go of the connections; no collective may be under way. */
  close(): void {
    native.closeGroup(this.number);
  }
}
