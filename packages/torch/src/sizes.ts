import type { Tensor } from "./ops.generated.js";

/**
 * Reads named sizes off several tensors and checks that they agree.
 *
 *     const { N, A } = sizes({ logits: [logits, "N A C"], targets: [targets, "N A C"] });
 *
 * @throws if a tensor has another number of dimensions or disagrees with the ones before it
 */
export function sizes<Letters extends string>(tensors: Record<string, readonly [Tensor, Letters]>): Record<Letter<Letters>, number> {
  const found: Record<string, number> = {};
  for (const [name, [tensor, letters]] of Object.entries(tensors)) {
    const expected = letters.split(" ");
    const shape = tensor.shape;
    const known = { ...found };
    const fits = shape.length === expected.length && expected.every((letter, i) => agree(letter, shape[i]!, known));
    if (!fits) {
      const wanted = expected.map((letter) => (found[letter] === undefined ? letter : `${letter} = ${found[letter]}`));
      throw new RangeError(`${name} is [${shape.join(", ")}], not [${wanted.join(", ")}]`);
    }
    Object.assign(found, known);
  }
  return found as Record<Letter<Letters>, number>;
}

/** Whether a side is as its letter or number says; a new letter learns it. */
function agree(letter: string, side: number, known: Record<string, number>): boolean {
  if (/^\d+$/.test(letter)) return side === Number(letter);
  known[letter] ??= side;
  return known[letter] === side;
}

type Letter<Text extends string> = Text extends `${infer First} ${infer Rest}` ? First | Letter<Rest> : Text;
