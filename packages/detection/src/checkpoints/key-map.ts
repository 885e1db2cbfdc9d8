import type { Tensor } from "@singleshot/torch";

/** Where a value of one network belongs in another: its key there; undefined where the other has no place for it. */
export type KeyMap = (key: string) => string | undefined;

/** A state dict under other keys, without what has no place. The tensors are the same ones. */
export function rename(weights: ReadonlyMap<string, Tensor>, map: KeyMap): Map<string, Tensor> {
  return new Map(
    [...weights].flatMap(([key, value]): [string, Tensor][] => {
      const other = map(key);
      return other === undefined ? [] : [[other, value]];
    }),
  );
}
