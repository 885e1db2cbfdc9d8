// The tensors of one operator call on the simulated device, seen as tensors of the CPU: the same memory, layout and sharing under another name.
#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <vector>

namespace singleshot {

constexpr c10::DeviceType kSimulated = c10::DeviceType::PrivateUse1;

class HostViews {
 public:
  // What is made will be on the device of the arguments, on `current` where they are on none.
  explicit HostViews(c10::Device current) : device_(current) {}
  // What the CPU's kernel gets for an argument; tensors of the CPU are what they are.
  c10::IValue hostOf(const c10::IValue& argument);
  // What the caller gets for a result: an argument that was written to, a view of one, or memory that is the device's from now on.
  c10::IValue deviceOf(const c10::IValue& result);
  // Arguments that the kernel has resized have their new memory and shape on the device too.
  void writeBack();

 private:
  struct Tensors {
    at::Tensor device, host;
  };
  struct Storages {
    c10::Storage device, host;
  };
  at::Tensor hostOf(const at::Tensor& tensor);
  at::Tensor deviceOf(const at::Tensor& tensor);
  c10::Storage hostOf(const c10::Storage& storage);
  c10::Storage deviceOf(const c10::Storage& storage);

  c10::Device device_;
  std::vector<Tensors> tensors_;
  std::vector<Storages> storages_;
};

}  // namespace singleshot
