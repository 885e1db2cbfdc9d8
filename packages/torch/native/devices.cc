// Devices beside the CPU: how many there are, what they are called, waiting for them.
#include "addon.h"
#include "torch_version.h"

#include <ATen/Context.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#ifdef SINGLESHOT_CUDA
#include <ATen/cuda/CUDAContext.h>
#endif

#include <cstdlib>

namespace singleshot {
namespace {

// What libraries read once, when the first of their kernels runs; whoever has set it knows better.
void prepareCuda() {
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);  // without it cuBLAS has no deterministic kernels
  setenv("TORCH_NCCL_ASYNC_ERROR_HANDLING", "0", 0);  // what fails is said by the collective that fails, not by a thread that ends the process
  setenv("TORCH_NCCL_DUMP_ON_TIMEOUT", "0", 0);
}

// What makes a kind of device usable here, or null where this libtorch was built without it.
const c10::impl::DeviceGuardImplInterface* guardOf(c10::DeviceType type) {
  return c10::impl::hasDeviceGuardImpl(type) ? c10::impl::getDeviceGuardImpl(type) : nullptr;
}

const c10::impl::DeviceGuardImplInterface& needGuard(const c10::Device& device) {
  const auto* guard = guardOf(device.type());
  if (guard == nullptr) throw std::invalid_argument("this libtorch was built without '" + c10::DeviceTypeName(device.type(), true) + "'");
  return *guard;
}

// deviceCount(type): devices of a kind, such as "cuda"; null where this libtorch was built without it.
napi_value deviceCount(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const auto* guard = guardOf(c10::Device(stringOf(env, given[0])).type());
    return guard == nullptr ? nullValue(env) : numberValue(env, guard->deviceCount());
  });
}

// deviceName(device): what its maker calls it; its own name where nobody says.
napi_value deviceName(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const c10::Device device(stringOf(env, given[0]));
#ifdef SINGLESHOT_CUDA
    if (device.is_cuda()) return stringValue(env, at::cuda::getDeviceProperties(device.index())->name);
#endif
    return stringValue(env, device.str());
  });
}

// deviceIdentity(device): tells the GPUs of a machine apart, whatever number each process gives them; "" where nobody says.
napi_value deviceIdentity(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const c10::Device device(stringOf(env, given[0]));
#ifdef SINGLESHOT_CUDA
    if (device.is_cuda()) {
      const auto& id = at::cuda::getDeviceProperties(device.index())->uuid.bytes;
      std::string text;
      for (const char byte : id) text += std::to_string(static_cast<unsigned char>(byte)) + ".";
      return stringValue(env, text);
    }
#endif
    return stringValue(env, "");
  });
}

// useDevice(device): what a kind of device's name without a number means from now on, in this thread.
napi_value useDevice(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const c10::Device device(stringOf(env, given[0]));
    needGuard(device).setDevice(device);
    return undefinedValue(env);
  });
}

// synchronize(device): waits until it has done everything that it was told to do.
napi_value synchronize(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const c10::Device device(stringOf(env, given[0]));
    const auto& guard = needGuard(device);
    guard.synchronizeStream(guard.getStream(device));
    return undefinedValue(env);
  });
}

// preferDeterministic(on): kernels that give the same bits each time, wherever libtorch has them; it warns where it has none.
napi_value preferDeterministic(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const bool on = booleanOf(env, given[0]);
    at::globalContext().setDeterministicAlgorithms(on, /*warn_only=*/true);
    at::globalContext().setDeterministicCuDNN(on);
#if TORCH_FROM(2, 2)
    at::globalContext().setDeterministicFillUninitializedMemory(false);  // a kernel more for every new tensor, for programs that read before they write
#endif
    return undefinedValue(env);
  });
}

}  // namespace

void initDevices(napi_env env, napi_value exports) {
  prepareCuda();
  define(env, exports, "deviceCount", deviceCount);
  define(env, exports, "deviceName", deviceName);
  define(env, exports, "deviceIdentity", deviceIdentity);
  define(env, exports, "useDevice", useDevice);
  define(env, exports, "synchronize", synchronize);
  define(env, exports, "preferDeterministic", preferDeterministic);
}

}  // namespace singleshot
