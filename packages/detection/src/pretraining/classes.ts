import { type Device, type Tensor, tensor } from "@singleshot/torch";
import { type Dataset, type DatasetEntry, InputError } from "@singleshot/vision";

/**
 * Refuses what no classifier can learn from.
 * @throws InputError: fewer than two classes, or a picture that is not of one class
 */
export function requireOneClassEach({ name, classes, entries }: Dataset): void {
  if (classes.length < 2)
    throw new InputError(`a classifier needs two classes or more, here ${classes.length === 1 ? "is one" : "is none"}`, {
      file: name,
      fix: WHERE,
    });
  const mixed = entries.find(({ labels }) => new Set(labels).size !== 1);
  if (!mixed) return;
  const shown = [...new Set(mixed.labels)].map((label) => classes[label - 1]!);
  throw new InputError(
    `${mixed.id} shows ${shown.length > 0 ? shown.join(" and ") : "nothing"}: a classifier needs pictures of one class each`,
    { file: name, fix: WHERE },
  );
}

const WHERE = "give it a folder of pictures for each class; `singleshot data convert --to folder` cuts the objects of any data set out";

/** [N] int64, the class of each picture from 0. */
export const targetsOf = (entries: readonly DatasetEntry[], device: Device): Tensor =>
  tensor(
    BigInt64Array.from(entries, ({ labels }) => BigInt(labels[0]! - 1)),
    { device },
  );
