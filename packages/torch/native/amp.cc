// Autocast: operators that gain from it run in 16 bits, on one kind of device at a time.
#include "addon.h"
#include "torch_version.h"

#include <ATen/autocast_mode.h>

namespace singleshot {
namespace {

AutocastLevel autocastState(c10::DeviceType device) {
#if TORCH_FROM(2, 4)
  return {device, at::autocast::is_autocast_enabled(device), at::autocast::get_autocast_dtype(device)};
#else
  if (device == at::kCPU) return {device, at::autocast::is_cpu_enabled(), at::autocast::get_autocast_cpu_dtype()};
  return {device, at::autocast::is_enabled(), at::autocast::get_autocast_gpu_dtype()};
#endif
}

void setAutocast(const AutocastLevel& level) {
#if TORCH_FROM(2, 4)
  at::autocast::set_autocast_enabled(level.device, level.on);
  at::autocast::set_autocast_dtype(level.device, level.dtype);
#else
  if (level.device == at::kCPU) {
    at::autocast::set_cpu_enabled(level.on);
    at::autocast::set_autocast_cpu_dtype(level.dtype);
  } else {
    at::autocast::set_enabled(level.on);
    at::autocast::set_autocast_gpu_dtype(level.dtype);
  }
#endif
}

// enterAutocast(on, dtype, device): one level deeper.
napi_value enterAutocast(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const bool on = booleanOf(env, given[0]);
    const auto dtype = static_cast<at::ScalarType>(wordOf(env, Word::dtype, given[1]));
    if (dtype != at::kBFloat16 && dtype != at::kHalf) throw std::invalid_argument("autocast: bfloat16 or float16 was expected");
    const c10::DeviceType device = c10::Device(stringOf(env, given[2])).type();
    if (on && device != at::kCPU && device != at::kCUDA) throw std::invalid_argument("autocast: computes on the CPU and on CUDA, not on '" + c10::DeviceTypeName(device, true) + "'");
    const c10::DeviceType kind = device == at::kCUDA ? at::kCUDA : at::kCPU;
    environment(env).autocasts.push_back(autocastState(kind));
    setAutocast({kind, on, dtype});
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
