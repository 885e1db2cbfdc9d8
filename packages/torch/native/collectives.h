// Collectives of a process group that an operator waits for.
#pragma once
#include <ATen/core/Tensor.h>

namespace singleshot {

// The tensors of all ranks, of one shape, stacked: [size, ...].
at::Tensor gatherNow(int64_t group, const at::Tensor& own);

// The sum over all ranks, in place.
void sumNow(int64_t group, const at::Tensor& tensor);

}  // namespace singleshot
