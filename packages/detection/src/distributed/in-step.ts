import type { Team } from "./team.js";

/** One step's data of this process: `index` tells which of the epoch's batches it is of. */
interface Numbered extends Disposable {
  index: number;
  entries: readonly unknown[];
}

/** This process's part of a batch. */
export interface RankBatch<Batch> extends Disposable {
  batch: Batch;
  /** How many pictures each rank has of it. */
  pictures: number[];
  /** A rank has said that it is time for something before this batch. */
  isDue: boolean;
}

/** Behind an epoch's last batch. */
const NO_MORE = Number.MAX_SAFE_INTEGER;

export interface InStepOptions {
  /** When it is aborted on any rank, the batches end on all. */
  signal?: AbortSignal | undefined;
  /** They have ended for that. */
  onStop?: () => void;
  /** Whether it is time on this rank for something that all do together, between two batches. */
  isDue?: () => boolean;
}

/** The batches that every rank has a part of: where pictures are broken a rank may have none of one, and then all leave it out. */
export async function* inStep<Batch extends Numbered>(
  team: Team,
  batches: AsyncIterable<Batch>,
  { signal, onStop, isDue }: InStepOptions = {},
): AsyncGenerator<RankBatch<Batch>> {
  const own = batches[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await own.next();
    return done ? undefined : (value as Batch);
  };
  let batch = await next();
  let due = false;
  try {
    for (;;) {
      const index = batch?.index ?? NO_MORE;
      const said = await team.gather([index, batch?.entries.length ?? 0, signal?.aborted ? 1 : 0, isDue?.() ? 1 : 0]);
      due ||= said.some(([, , , own]) => own === 1);
      const latest = Math.max(...said.map(([other]) => other!));
      if (latest === NO_MORE) return;
      if (said.some(([, , stop]) => stop === 1)) return onStop?.();
      if (said.every(([other]) => other === latest)) {
        const shared = batch!;
        batch = undefined;
        yield { batch: shared, pictures: said.map(([, count]) => count!), isDue: due, [Symbol.dispose]: () => shared[Symbol.dispose]() };
        due = false;
        batch = await next();
      } else if (index < latest) {
        batch?.[Symbol.dispose]();
        batch = await next();
      }
    }
  } finally {
    batch?.[Symbol.dispose]();
    await own.return?.();
  }
}
