import type { Tensor } from "@singleshot/torch";

/**
 * Every cell's vector of channels at length 1 (a vector of zeros stays one), times a factor for each channel: the scale at which a fine
 * map joins the coarser ones. [N, C, H, W] and [C] → [N, C, H, W].
 *
 * @see Liu et al. 2015, §3.3 (arXiv:1506.04579)
 */
export function l2Normalize(map: Tensor, scale: Tensor): Tensor {
  const length = map.norm(2, 1, { keepdim: true }).clampMin(1e-12);
  return map.div(length).mul(scale.view([1, -1, 1, 1]));
}
