import type { Fill, GoldenGradients, GoldenSgd, InputRecipe, StatisticRecord } from "@singleshot/testing";
import { golden } from "@singleshot/testing";

export interface BatchNormRecord {
  name: string;
  running_mean: StatisticRecord;
  running_var: StatisticRecord;
  num_batches_tracked: number;
}

/** What a model file of the golden numbers says of a classifier. */
export interface GoldenClassifier {
  config: { num_classes: number; width_mult?: number };
  fill: Fill;
  state: [key: string, shape: number[], dtype?: string][];
  input: InputRecipe;
  eval: { taps: (StatisticRecord & { name: string })[]; logits: StatisticRecord };
  train: {
    labels: number[];
    logits: StatisticRecord;
    loss: number;
    gradients: GoldenGradients;
    batch_norm: BatchNormRecord[];
  };
  sgd?: GoldenSgd & {
    lr: number;
    momentum: number;
    weight_decay: number;
    steps: number;
    loss_before_each_step: number[];
    loss_after_last_step: number;
  };
}

export const goldenClassifier = (name: string): GoldenClassifier => golden<GoldenClassifier>(name);
