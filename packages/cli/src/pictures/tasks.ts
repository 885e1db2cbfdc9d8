/** Work that goes on beside the rest: pictures that are being written. */
export interface Tasks {
  /** Starts a task; resolves when fewer than the most are under way. @throws what a task before has thrown */
  start(task: () => Promise<unknown>): Promise<void>;
  /** Resolves when all are done. @throws what one of them has thrown */
  end(): Promise<void>;
}

export function tasks(most: number): Tasks {
  const running = new Set<Promise<unknown>>();
  let failure: { error: unknown } | undefined;
  const check = () => {
    if (failure) throw failure.error;
  };
  return {
    async start(task) {
      const run = task()
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => running.delete(run));
      running.add(run);
      if (running.size >= most) await Promise.race(running);
      check();
    },
    async end() {
      await Promise.all(running);
      check();
    },
  };
}
