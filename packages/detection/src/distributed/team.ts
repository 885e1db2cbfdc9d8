import { randomUUID } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { distributed, nn, type Tensor } from "@singleshot/torch";

/** The processes that do one thing together; a process alone is a team of one. Every method that promises is a collective of all ranks. */
export interface Team {
  readonly rank: number;
  readonly size: number;
  /** Rank 0: it alone writes. */
  readonly isFirst: boolean;
  /** What each has to say, by rank: some numbers, as many on all. */
  gather(numbers: readonly number[]): Promise<number[][]>;
  /** What each has to say, by rank: plain data and typed arrays. */
  gatherData<T>(data: T): Promise<T[]>;
  /** What rank 0 gives, plain data; that of the others is not asked for. */
  fromFirst<T>(give: () => T | Promise<T>): Promise<T>;
  /** A file that rank 0 writes, read by the others. */
  fileFromFirst(write: (path: string) => void, read: (path: string) => void): Promise<void>;
  /** The buffers of rank 0's module, its running statistics among them, for all. With synchronised batch norm they are the same already. */
  broadcastBuffers(module: nn.Module): Promise<void>;
  /** Begins the sum over all ranks in the middle of a step; what it returns waits for it. Alone: what was given. */
  total(own: Tensor): () => Tensor;
  /** Batch norm of a module takes the statistics of all ranks' pictures from now on. */
  synchronizeBatchNorm(module: nn.Module): void;
  /** All gradients of a step become their sums over the ranks: made by `sharedGradients`, for one model. */
  sharedGradients(module: nn.Module): Promise<SharedGradients>;
  /** What went wrong in a collective inside of an operator, said as such. */
  explained(error: unknown): unknown;
  close(): Promise<void>;
}

/** What sums the gradients of a model that every rank has. */
export interface SharedGradients {
  /** The next backward pass is the step's last. */
  begin(): void;
  /** When every gradient is the sum over all ranks. */
  reduced(): Promise<void>;
  /** Milliseconds since the beginning that sums were under way, and those that were waited for. */
  readonly times: { buckets: number; reducingMs: number; waitedMs: number };
}

const ownGradients: SharedGradients = { begin() {}, reduced: async () => {}, times: { buckets: 0, reducingMs: 0, waitedMs: 0 } };

export const alone: Team = {
  rank: 0,
  size: 1,
  isFirst: true,
  gather: async (numbers) => [[...numbers]],
  gatherData: async (data) => [data],
  fromFirst: async (give) => give(),
  fileFromFirst: async () => {},
  broadcastBuffers: async () => {},
  total: (own) => () => own,
  synchronizeBatchNorm() {},
  sharedGradients: async () => ownGradients,
  explained: (error) => error,
  close: async () => {},
};

export type TeamOptions = distributed.JoinOptions & distributed.GradientBucketsOptions;

/**
 * The team of a world, once all of it have come; without a world this process alone.
 * @throws GroupFailure where they do not come
 */
export async function joinTeam(world: distributed.World | undefined, options: TeamOptions = {}): Promise<Team> {
  return world === undefined ? alone : teamOf(await distributed.ProcessGroup.join(world, options), options);
}

function teamOf(group: distributed.ProcessGroup, options: distributed.GradientBucketsOptions): Team {
  const { rank, size } = group;
  const isFirst = rank === 0;
  const opened: Disposable[] = [];
  const gatherData = async <T>(data: T): Promise<T[]> => (await group.gatherBytes(encoded(data))).map(decoded<T>);
  return {
    ...{ rank, size, isFirst, gatherData },
    gather: (numbers) => group.gatherNumbers(numbers),
    fromFirst: async (give) => decoded(await group.broadcastBytes(isFirst ? encoded(await give()) : undefined)),
    fileFromFirst: (write, read) => sendFile(group, isFirst ? write : undefined, read),
    async broadcastBuffers(module) {
      for (const tensor of module.stateDict().values()) if (tensor instanceof nn.Buffer) await group.broadcast(tensor);
    },
    total(own) {
      const sum = own.detach().clone();
      const wait = group.startSum(sum);
      return () => {
        wait();
        return sum;
      };
    },
    synchronizeBatchNorm: (module) => nn.synchronizeBatchNorm(module, group),
    async sharedGradients(module) {
      // Collectives inside of backward do not queue behind those of gradients, where they may run beside them.
      const own = group.nccl ? group : await group.newGroup(`gradients-${opened.length}`);
      const buckets = new distributed.GradientBuckets(own, module.parameters().values(), options);
      opened.push({
        [Symbol.dispose]() {
          buckets[Symbol.dispose]();
          if (own !== group) own.close();
        },
      });
      return buckets;
    },
    explained: (error) => group.explained(error),
    async close() {
      await group.barrier(); // who hosts the store leaves last
      for (const one of opened) one[Symbol.dispose]();
      group.close();
      group.store.close();
    },
  };
}

/** As structured clones: JSON has neither typed arrays nor NaN. */
const encoded = (data: unknown): Uint8Array => serialize(data);
const decoded = <T>(bytes: Uint8Array): T => deserialize(bytes) as T;

async function sendFile(
  group: distributed.ProcessGroup,
  write: ((path: string) => void) | undefined,
  read: (path: string) => void,
): Promise<void> {
  const path = join(tmpdir(), `singleshot-${randomUUID()}.pth`);
  try {
    write?.(path);
    const bytes = await group.broadcastBytes(write && readFileSync(path));
    if (write) return;
    writeFileSync(path, bytes);
    read(path);
  } finally {
    rmSync(path, { force: true });
  }
}
