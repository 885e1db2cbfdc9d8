import { alone, type Team } from "../distributed/index.js";

/** Teams of one world in one process: what each says is heard by all when all have spoken. Nothing else is shared. */
export function teamsOf(size: number): Team[] {
  let round: { words: Map<number, unknown>; listeners: ((words: unknown[]) => void)[] } = { words: new Map(), listeners: [] };
  const speak = (rank: number, word: unknown) =>
    new Promise<unknown[]>((resolve) => {
      const { words, listeners } = round;
      words.set(rank, word);
      listeners.push(resolve);
      if (listeners.length < size) return;
      round = { words: new Map(), listeners: [] };
      for (const listen of listeners) listen(Array.from({ length: size }, (_, other) => words.get(other)));
    });
  return Array.from({ length: size }, (_, rank) => ({
    ...alone,
    ...{ rank, size, isFirst: rank === 0 },
    gather: (numbers: readonly number[]) => speak(rank, numbers) as Promise<number[][]>,
    gatherData: <T>(data: T) => speak(rank, data) as Promise<T[]>,
  }));
}
