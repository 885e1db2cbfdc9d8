// The process: version, threads, allocator, random generators.
#include "addon.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

namespace singleshot {
namespace {

napi_value version(napi_env env, napi_callback_info) {
  return guarded(env, [&] { return stringValue(env, TORCH_VERSION); });
}

// configuration(): how this libtorch was built, as it says itself.
napi_value configuration(napi_env env, napi_callback_info) {
  return guarded(env, [&] { return stringValue(env, at::show_config()); });
}

napi_value threads(napi_env env, napi_callback_info) {
  return guarded(env, [&] { return numberValue(env, at::get_num_threads()); });
}

napi_value setThreads(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const int64_t count = integerOf(env, given[0]);
    if (count < 1 || count > 1024) throw std::invalid_argument("threads: a number from 1 to 1024 was expected");
    at::set_num_threads(static_cast<int>(count));
    return undefinedValue(env);
  });
}

// keepFreedMemory(): whether this platform can; see allocator.cc.
napi_value keepFreedMemoryOn(napi_env env, napi_callback_info) {
  return guarded(env, [&] { return booleanValue(env, keepFreedMemory()); });
}

at::Generator& generatorOf(napi_env env, napi_value index) {
  auto& generators = environment(env).generators;
  const int64_t i = integerOf(env, index);
  if (i < 0 || static_cast<size_t>(i) >= generators.size()) throw std::invalid_argument("a generator was expected");
  return generators[i];
}

// generator(): number 0 is the process's default generator; each further call makes a new one.
napi_value generator(napi_env env, napi_callback_info) {
  return guarded(env, [&] {
    auto& generators = environment(env).generators;
    generators.push_back(at::detail::createCPUGenerator());
    return numberValue(env, static_cast<double>(generators.size() - 1));
  });
}

// deviceGenerator(device): the default generator of a device as a number of its own; null where it has none that libtorch knows.
napi_value deviceGenerator(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const c10::Device device(stringOf(env, given[0]));
    if (!device.is_cuda()) return nullValue(env);
    auto& generators = environment(env).generators;
    generators.push_back(at::globalContext().defaultGenerator(device));
    return numberValue(env, static_cast<double>(generators.size() - 1));
  });
}

napi_value seed(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    at::Generator& chosen = generatorOf(env, given[0]);
    std::lock_guard<std::mutex> lock(chosen.mutex());
    chosen.set_current_seed(static_cast<uint64_t>(integerOf(env, given[1])));
    return undefinedValue(env);
  });
}

napi_value generatorState(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    at::Generator& chosen = generatorOf(env, given[0]);
    std::lock_guard<std::mutex> lock(chosen.mutex());
    return tensorValue(env, chosen.get_state());
  });
}

napi_value setGeneratorState(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const at::Tensor& state = tensorOf(env, given[1]);
    at::Generator& chosen = generatorOf(env, given[0]);
    std::lock_guard<std::mutex> lock(chosen.mutex());
    chosen.set_state(state);
    return undefinedValue(env);
  });
}

}  // namespace

void initRuntime(napi_env env, napi_value exports) {
  environment(env).generators.push_back(at::detail::getDefaultCPUGenerator());
  define(env, exports, "version", version);
  define(env, exports, "configuration", configuration);
  define(env, exports, "threads", threads);
  define(env, exports, "setThreads", setThreads);
  define(env, exports, "keepFreedMemory", keepFreedMemoryOn);
  define(env, exports, "generator", generator);
  define(env, exports, "deviceGenerator", deviceGenerator);
  define(env, exports, "seed", seed);
  define(env, exports, "generatorState", generatorState);
  define(env, exports, "setGeneratorState", setGeneratorState);
}

}  // namespace singleshot
