import { expect, test } from "vitest";
import { ops, scope, sizes } from "./index.js";

test("sizes reads letters off and checks that they agree", () => {
  scope(() => {
    const logits = ops.zeros([8, 120, 3]);
    expect(sizes({ logits: [logits, "N A C"] })).toEqual({ N: 8, A: 120, C: 3 });
    expect(sizes({ logits: [logits, "N A C"], boxes: [ops.zeros([8, 120, 4]), "N A 4"] })).toMatchObject({ N: 8, A: 120, C: 3 });
    const wrong = () => sizes({ logits: [logits, "N A C"], targets: [ops.zeros([8, 120, 4]), "N A C"] });
    expect(wrong).toThrow("targets is [8, 120, 4], not [N = 8, A = 120, C = 3]");
    expect(() => sizes({ boxes: [ops.zeros([8, 5]), "N M 4"] })).toThrow("boxes is [8, 5], not [N, M, 4]");
    expect(() => sizes({ square: [ops.zeros([2, 3]), "S S"] })).toThrow("square is [2, 3], not [S, S]");
  });
});
