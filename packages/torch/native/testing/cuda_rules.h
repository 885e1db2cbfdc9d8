// What CUDA demands of an operator's arguments, and when it makes the host wait.
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>

namespace singleshot {

// Of an operator whose arguments lie on the stack, on the simulated device: how often CUDA's kernel would wait for the GPU.
// Throws c10::Error where CUDA would refuse tensors of two devices or a generator of the CPU; what CUDA allows in rare operators alone is refused.
int64_t checkAsCuda(const c10::OperatorHandle& op, const torch::jit::Stack& stack);

}  // namespace singleshot
