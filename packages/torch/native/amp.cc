// Autocast: operators that gain from it run in bfloat16.
#include "addon.h"

#include <ATen/autocast_mode.h>
#include <torch/version.h>

namespace singleshot {
namespace {

// enterAutocast(dtype)
napi_value enterAutocast(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const auto dtype = static_cast<at::ScalarType>(integerOf(env, given[0]));
#if TORCH_VERSION_MAJOR >= 2
    at::autocast::set_autocast_enabled(at::kCPU, true);
    at::autocast::set_autocast_dtype(at::kCPU, dtype);
#else
    at::autocast::set_cpu_enabled(true);
    at::autocast::set_autocast_cpu_dtype(dtype);
#endif
    at::autocast::increment_nesting();
    return undefinedValue(env);
  });
}

// exitAutocast(stillOn): leaves one level; the cache of cast weights goes with the outermost.
napi_value exitAutocast(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    const bool on = booleanOf(env, given[0]);
#if TORCH_VERSION_MAJOR >= 2
    at::autocast::set_autocast_enabled(at::kCPU, on);
#else
    at::autocast::set_cpu_enabled(on);
#endif
    return undefinedValue(env);
  });
}

}  // namespace

void initAmp(napi_env env, napi_value exports) {
  define(env, exports, "enterAutocast", enterAutocast);
  define(env, exports, "exitAutocast", exitAutocast);
}

}  // namespace singleshot
