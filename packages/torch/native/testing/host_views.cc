#include "host_views.h"

#include <c10/core/CPUAllocator.h>
#include <c10/core/TensorImpl.h>

namespace singleshot {
namespace {

// The same bytes under another device; they live as long as either of the two.
at::DataPtr sharedBytes(const c10::Storage& storage, c10::Device device) {
  void* bytes = storage.data_ptr().get();
  return {bytes, new c10::Storage(storage), [](void* kept) { delete static_cast<c10::Storage*>(kept); }, device};
}

c10::Storage sharedStorage(const c10::Storage& storage, c10::Device device) {
  c10::Allocator* allocator = device.is_cpu() ? c10::GetCPUAllocator() : nullptr;
  return {c10::Storage::use_byte_size_t(), storage.nbytes(), sharedBytes(storage, device), allocator, /*resizable=*/device.is_cpu()};
}

at::Tensor shapedAs(const at::Tensor& like, at::Tensor view) {
  view.unsafeGetTensorImpl()->set_sizes_and_strides(like.sizes(), like.strides(), like.storage_offset());
  return view;
}

at::Tensor viewOf(c10::Storage storage, c10::DispatchKey key, const at::Tensor& like) {
  return shapedAs(like, at::detail::make_tensor<c10::TensorImpl>(std::move(storage), c10::DispatchKeySet(key), like.dtype()));
}

// A view may take part in a backward where its base may, in inference mode too.
at::Tensor viewOf(const at::Tensor& base, const at::Tensor& like) {
  return shapedAs(like, at::detail::make_tensor<c10::TensorImpl>(c10::TensorImpl::VIEW, c10::Storage(base.storage()), base.key_set(), like.dtype()));
}

template <typename Convert>
c10::IValue listOf(const c10::IValue& list, Convert convert) {
  auto converted = list.toList().copy();
  for (size_t i = 0; i < converted.size(); i++) converted.set(i, convert(converted.get(i)));
  return converted;
}

}  // namespace

c10::IValue HostViews::hostOf(const c10::IValue& argument) {
  if (argument.isTensor()) return hostOf(argument.toTensor());
  if (argument.isList()) return listOf(argument, [this](const c10::IValue& item) { return hostOf(item); });
  if (!argument.isDevice() || argument.toDevice().type() != kSimulated) return argument;
  if (argument.toDevice().has_index()) device_ = argument.toDevice();
  return c10::Device(at::kCPU);
}

c10::IValue HostViews::deviceOf(const c10::IValue& result) {
  if (result.isTensor()) return deviceOf(result.toTensor());
  if (result.isList()) return listOf(result, [this](const c10::IValue& item) { return deviceOf(item); });
  return result;
}

at::Tensor HostViews::hostOf(const at::Tensor& tensor) {
  if (!tensor.defined() || tensor.device().is_cpu()) return tensor;
  for (const Tensors& known : tensors_)
    if (known.device.is_same(tensor)) return known.host;
  if (tensors_.empty()) device_ = tensor.device();
  tensors_.push_back({tensor, viewOf(hostOf(tensor.storage()), c10::DispatchKey::CPU, tensor)});
  return tensors_.back().host;
}

at::Tensor HostViews::deviceOf(const at::Tensor& tensor) {
  if (!tensor.defined()) return tensor;
  for (const Tensors& known : tensors_)
    if (known.host.is_same(tensor)) return known.device;
  for (const Tensors& known : tensors_)
    if (known.host.is_alias_of(tensor)) return viewOf(known.device, tensor);
  return viewOf(deviceOf(tensor.storage()), c10::DispatchKey::PrivateUse1, tensor);
}

c10::Storage HostViews::hostOf(const c10::Storage& storage) {
  for (const Storages& known : storages_)
    if (known.device.is_alias_of(storage)) return known.host;
  storages_.push_back({storage, sharedStorage(storage, at::kCPU)});
  return storages_.back().host;
}

c10::Storage HostViews::deviceOf(const c10::Storage& storage) {
  for (const Storages& known : storages_)
    if (known.host.is_alias_of(storage)) return known.device;
  storages_.push_back({sharedStorage(storage, device_), storage});
  return storages_.back().device;
}

void HostViews::writeBack() {
  for (const Tensors& one : tensors_) {
    auto* device = one.device.unsafeGetTensorImpl();
    if (!deviceOf(one.host.storage()).is_alias_of(device->storage())) device->set_storage_keep_dtype(deviceOf(one.host.storage()));
    const bool same = one.host.sizes().equals(one.device.sizes()) && one.host.strides().equals(one.device.strides()) && one.host.storage_offset() == one.device.storage_offset();
    if (!same) device->set_sizes_and_strides(one.host.sizes(), one.host.strides(), one.host.storage_offset());
  }
  for (const Storages& one : storages_) {
    if (one.host.data_ptr().get() == one.device.data_ptr().get() && one.host.nbytes() == one.device.nbytes()) continue;
    one.device.set_data_ptr_noswap(sharedBytes(one.host, one.device.device()));
    one.device.set_nbytes(one.host.nbytes());
  }
}

}  // namespace singleshot
