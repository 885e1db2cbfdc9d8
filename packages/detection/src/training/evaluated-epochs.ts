interface EvaluatedEpochs {
  everyEpochs: number | readonly number[];
  firstEpoch?: number | undefined;
  /** of the run */
  epochs: number;
}

/** Whether an epoch, counted from 1, is evaluated: every so many from the first one on, of several numbers those of each; and the last. */
export function isEvaluated(epoch: number, { everyEpochs, firstEpoch, epochs }: EvaluatedEpochs): boolean {
  const isDue = (every: number) => {
    const first = firstEpoch ?? every;
    return epoch >= first && (epoch - first) % every === 0;
  };
  return epoch === epochs || [everyEpochs].flat().some(isDue);
}
