// Autocast: operators that gain from it run in 16 bits.
#include "addon.h"

#include <ATen/autocast_mode.h>
#include <torch/version.h>

namespace singleshot {
namespace {

std::pair<bool, at::ScalarType> autocastState() {
#if TORCH_VERSION_MAJOR >= 2
  return {at::autocast::is_autocast_enabled(at::kCPU), at::autocast::get_autocast_dtype(at::kCPU)};
#else
  return {at::autocast::is_cpu_enabled(), at::autocast::get_autocast_cpu_dtype()};
#endif
}

void setAutocast(std::pair<bool, at::ScalarType> state) {
#if TORCH_VERSION_MAJOR >= 2
  at::autocast::set_autocast_enabled(at::kCPU, state.first);
  at::autocast::set_autocast_dtype(at::kCPU, state.second);
#else
  at::autocast::set_cpu_enabled(state.first);
  at::autocast::set_autocast_cpu_dtype(state.second);
#endif
}

// enterAutocast(on, dtype): one level deeper.
napi_value enterAutocast(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const bool on = booleanOf(env, given[0]);
    const auto dtype = static_cast<at::ScalarType>(wordOf(env, Word::dtype, given[1]));
    if (dtype != at::kBFloat16 && dtype != at::kHalf) throw std::invalid_argument("autocast: bfloat16 or float16 was expected");
    environment(env).autocasts.push_back(autocastState());
    setAutocast({on, dtype});
    at::autocast::increment_nesting();
    return undefinedValue(env);
  });
}

// exitAutocast(): back to the level before; the cache of cast weights goes with the outermost.
napi_value exitAutocast(napi_env env, napi_callback_info) {
  return guarded(env, [&] {
    auto& levels = environment(env).autocasts;
    if (levels.empty()) throw std::logic_error("autocast was not entered");
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    setAutocast(levels.back());
    levels.pop_back();
    return undefinedValue(env);
  });
}

}  // namespace

void initAmp(napi_env env, napi_value exports) {
  define(env, exports, "enterAutocast", enterAutocast);
  define(env, exports, "exitAutocast", exitAutocast);
}

}  // namespace singleshot
