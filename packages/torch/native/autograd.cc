// Gradients: backward, what accumulates them, and the modes that switch recording off.
#include "addon.h"

#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>

namespace singleshot {
namespace {

// backward(tensor, gradient | null, retainGraph)
napi_value backward(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const at::Tensor tensor = tensorOf(env, given[0]);
    const at::Tensor gradient = isNullish(env, given[1]) ? at::Tensor() : tensorOf(env, given[1]);
    if (!tensor.requires_grad()) throw std::invalid_argument("backward: nothing that this tensor was computed from requires a gradient");
    if (!gradient.defined() && tensor.numel() != 1) throw std::invalid_argument("backward: a tensor of more than one element needs a gradient to start from");
    if (gradient.defined() && !gradient.sizes().equals(tensor.sizes())) throw std::invalid_argument("backward: the gradient must have the tensor's shape");
    tensor.backward(gradient, booleanOf(env, given[2]));
    return undefinedValue(env);
  });
}

napi_value grad(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    return tensorValue(env, tensorOf(env, given[0]).grad());
  });
}

// setGrad(tensor, gradient | null)
napi_value setGrad(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    at::Tensor& tensor = tensorOf(env, given[0]);
    const at::Tensor gradient = isNullish(env, given[1]) ? at::Tensor() : tensorOf(env, given[1]);
    if (gradient.defined() && !gradient.sizes().equals(tensor.sizes())) throw std::invalid_argument("grad: the gradient must have the tensor's shape");
    tensor.mutable_grad() = gradient;
    return undefinedValue(env);
  });
}

napi_value requiresGrad(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    return booleanValue(env, tensorOf(env, given[0]).requires_grad());
  });
}

napi_value setRequiresGrad(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    tensorOf(env, given[0]).requires_grad_(booleanOf(env, given[1]));
    return undefinedValue(env);
  });
}

// setGradMode(on): whether it was on before. A mode of this thread.
napi_value setGradMode(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const bool before = at::GradMode::is_enabled();
    at::GradMode::set_enabled(booleanOf(env, given[0]));
    return booleanValue(env, before);
  });
}

// enterInferenceMode(on): one level deeper; false leaves it for a while.
napi_value enterInferenceMode(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    environment(env).modes.push_back(std::make_shared<c10::InferenceMode>(booleanOf(env, given[0])));
    return undefinedValue(env);
  });
}

napi_value exitInferenceMode(napi_env env, napi_callback_info) {
  return guarded(env, [&] {
    auto& modes = environment(env).modes;
    if (modes.empty()) throw std::logic_error("inference mode was not entered");
    modes.pop_back();
    return undefinedValue(env);
  });
}

}  // namespace

void initAutograd(napi_env env, napi_value exports) {
  define(env, exports, "backward", backward);
  define(env, exports, "grad", grad);
  define(env, exports, "setGrad", setGrad);
  define(env, exports, "requiresGrad", requiresGrad);
  define(env, exports, "setRequiresGrad", setRequiresGrad);
  define(env, exports, "setGradMode", setGradMode);
  define(env, exports, "enterInferenceMode", enterInferenceMode);
  define(env, exports, "exitInferenceMode", exitInferenceMode);
}

}  // namespace singleshot
