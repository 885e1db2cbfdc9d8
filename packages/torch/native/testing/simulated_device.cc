// Two devices for tests: "privateuseone:0" and ":1" of libtorch compute with the CPU's kernels in the CPU's memory, but are as strict as CUDA about
// which tensors may meet, have threads of their own for backward, and count what a GPU would have to be waited for. A library beside the addon.
#include "cuda_rules.h"
#include "host_views.h"

#include <node_api.h>

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/version.h>
#if TORCH_VERSION_MAJOR >= 2
#include <ATen/detail/PrivateUse1HooksInterface.h>
#endif

#include <atomic>

namespace singleshot {
namespace {

using c10::IValue;
using c10::OperatorHandle;
using torch::jit::Stack;

std::atomic<int64_t> hostReads{0};

// Two devices, each with one stream.
struct SimulatedGuard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return kSimulated; }
  c10::Device exchangeDevice(c10::Device device) const override {
    const c10::Device before = getDevice();
    setDevice(device);
    return before;
  }
  c10::Device getDevice() const override { return {kSimulated, current_}; }
  void setDevice(c10::Device device) const override {
    TORCH_CHECK(device.index() < deviceCount(), "there are two simulated devices, no ", device);
    uncheckedSetDevice(device);
  }
  void uncheckedSetDevice(c10::Device device) const noexcept override {
    if (device.has_index()) current_ = device.index();
  }
  c10::Stream getStream(c10::Device device) const noexcept override { return c10::Stream(c10::Stream::DEFAULT, device.has_index() ? device : getDevice()); }
  c10::Stream exchangeStream(c10::Stream stream) const noexcept override { return getStream(stream.device()); }
  c10::DeviceIndex deviceCount() const noexcept override { return 2; }
  bool queryStream(const c10::Stream&) const override { return true; }
  void synchronizeStream(const c10::Stream&) const override {}

 private:
  static thread_local c10::DeviceIndex current_;
};
thread_local c10::DeviceIndex SimulatedGuard::current_ = 0;

#if TORCH_VERSION_MAJOR >= 2
// What libtorch 2 asks an accelerator in backward.
struct SimulatedHooks final : at::PrivateUse1HooksInterface {
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
};

// In backward libtorch then asks for the streams of this device, and not of a GPU that may be missing.
void becomeTheAccelerator() {
  at::RegisterPrivateUse1HooksInterface(new SimulatedHooks);
  c10::register_privateuse1_backend(c10::DeviceTypeName(kSimulated, true));
}
#else
void becomeTheAccelerator() {}
#endif

// Calls a kernel of the CPU with what lies on the stack.
void computeOnHost(const OperatorHandle& kernel, Stack* stack) {
  HostViews views(SimulatedGuard().getDevice());
  for (size_t i = stack->size() - kernel.schema().arguments().size(); i < stack->size(); i++) (*stack)[i] = views.hostOf((*stack)[i]);
  {
    const at::AutoDispatchBelowADInplaceOrView withoutAutograd;
    const c10::impl::ExcludeDispatchKeyGuard withoutAutocast(c10::DispatchKeySet(c10::DispatchKey::AutocastCPU));
    kernel.callBoxed(stack);
  }
  for (size_t i = stack->size() - kernel.schema().returns().size(); i < stack->size(); i++) (*stack)[i] = views.deviceOf((*stack)[i]);
  views.writeBack();
}

void anyOperator(const OperatorHandle& op, Stack* stack) {
  hostReads += checkAsCuda(op, *stack);
  computeOnHost(op, stack);
}

OperatorHandle kernelNamed(const char* name) { return c10::Dispatcher::singleton().findSchemaOrThrow(name, ""); }

void convolution(const OperatorHandle& op, Stack* stack) {
  hostReads += checkAsCuda(op, *stack);
  computeOnHost(kernelNamed("aten::convolution"), stack);
}

// The CPU's kernel takes the shape of the bias besides, [out]: the channels of the gradient, which comes first.
void convolutionBackward(const OperatorHandle& op, Stack* stack) {
  hostReads += checkAsCuda(op, *stack);
  const auto gradient = stack->end() - static_cast<int64_t>(op.schema().arguments().size());
  const auto behindWeight = gradient + 3;
  stack->insert(behindWeight, IValue(c10::List<int64_t>({gradient->toTensor().size(1)})));
  computeOnHost(kernelNamed("aten::convolution_backward"), stack);
}

// _copy_from(from, to, non_blocking): one of the two may be on the CPU.
void copy(const OperatorHandle&, Stack* stack) {
  const auto arguments = stack->end() - 3;
  if (arguments[1].toTensor().device().is_cpu()) hostReads++;
  std::swap(arguments[0], arguments[1]);
  computeOnHost(kernelNamed("aten::copy_"), stack);
}

using c10::RegistrationHandleRAII;

void keepForever(RegistrationHandleRAII registration) { new RegistrationHandleRAII(std::move(registration)); }

template <c10::KernelFunction::BoxedKernelFunction* kernel>
void implement(const char* name) {
  const auto function = c10::KernelFunction::makeFromBoxedFunction<kernel>();
  keepForever(c10::Dispatcher::singleton().registerImpl({name, ""}, c10::DispatchKey::PrivateUse1, function, {}, nullptr, "simulated device"));
}

C10_REGISTER_GUARD_IMPL(PrivateUse1, SimulatedGuard);

// When the library is loaded, by whichever thread comes first.
const bool registered = [] {
  const auto function = c10::KernelFunction::makeFromBoxedFunction<&anyOperator>();
  keepForever(c10::Dispatcher::singleton().registerFallback(c10::DispatchKey::PrivateUse1, function, "simulated device"));
  becomeTheAccelerator();
  implement<&anyOperator>("aten::native_group_norm");  // elsewhere libtorch computes it from others, which take no channels-last
  implement<&copy>("aten::_copy_from");
  implement<&convolution>("aten::convolution_overrideable");
  implement<&convolutionBackward>("aten::convolution_backward_overrideable");
  return true;
}();

// hostReads(): how often somebody in this process has waited for what the device computed.
napi_value hostReadsSoFar(napi_env env, napi_callback_info) {
  napi_value count = nullptr;
  napi_create_int64(env, hostReads, &count);
  return count;
}

}  // namespace
}  // namespace singleshot

NAPI_MODULE_INIT() {
  napi_value function = nullptr;
  napi_create_function(env, "hostReads", NAPI_AUTO_LENGTH, singleshot::hostReadsSoFar, nullptr, &function);
  napi_set_named_property(env, exports, "hostReads", function);
  return exports;
}
