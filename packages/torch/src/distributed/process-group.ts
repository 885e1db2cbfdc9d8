import { hostname } from "node:os";
import type { Device } from "../devices.js";
import { native } from "../native.js";
import { Tensor } from "../ops.generated.js";
import { fromBuffer } from "../tensor.js";
import { handleOf } from "../tensor-base.js";
import { failureOf, named } from "./failure.js";
import { connected, meet } from "./meeting.js";
import type { Patience } from "./patience.js";
import type { Store } from "./store.js";
import type { World } from "./world.js";

export type Reduction = "sum" | "max" | "min";

export interface JoinOptions {
  /** How long a collective waits for the other ranks (default: the world's, else 30 minutes). */
  timeoutMs?: number | undefined;
  /** How long to wait until all ranks have come (default: the world's, else 10 minutes). */
  joinMs?: number | undefined;
  /** Nobody waits for the others any longer when it is aborted; afterwards it means nothing. */
  signal?: AbortSignal | undefined;
  /** Where the tensors will be. Those on GPUs go by NCCL where each process has one of its own, else by way of the CPU. */
  device?: Device;
}

const MINUTE = 60_000;

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
   * @throws GroupFailure where they do not, saying who
   * @throws InputError where rank 0 cannot serve the store at its port
   * @throws AbortError when the signal is aborted before all have come
   */
  static async join(
    world: World,
    { timeoutMs = world.timeoutMs, joinMs = world.joinMs, device = "cpu", signal }: JoinOptions = {},
  ): Promise<ProcessGroup> {
    const patience = { limitMs: joinMs ?? 10 * MINUTE, signal };
    const { rank, size } = world;
    try {
      const { store, address } = await meet(world, patience);
      const open = async (name: string, { limitMs, signal }: Patience): Promise<ProcessGroup> => {
        const opening = native.openGroup(store.number, name, rank, size, address, timeoutMs ?? 30 * MINUTE);
        const number = await connected(world, address, opening, { limitMs, signal });
        return new ProcessGroup(number, rank, size, (other) => open(other, { limitMs }), store);
      };
      const group = await open("main", patience);
      await group.#useNccl(device);
      return group;
    } catch (error) {
      throw (error as Error).name === "AbortError" ? stopped(world) : error;
    }
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
  newGroup(name: string): Promise<ProcessGroup> {
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

const stopped = (world: World) =>
  new DOMException(
    `rank ${world.rank} of ${world.size} on ${hostname()} was stopped while it waited for the others: nothing was begun`,
    "AbortError",
  );
