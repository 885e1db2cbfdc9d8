#include "cuda_rules.h"

#include "host_views.h"

#include <algorithm>
#include <string>
#include <unordered_set>

namespace singleshot {
namespace {

using c10::IValue;

// "aten::add_" is "add".
std::string baseName(const c10::OperatorHandle& op) {
  const std::string& full = op.schema().name();
  const size_t begin = full.rfind(':') + 1;
  return full.substr(begin, full.size() - begin - (full.back() == '_' ? 1 : 0));
}

// Of two operands CUDA takes one from the CPU if it has no dimensions. libtorch's own check of that comes before ours.
const std::unordered_set<std::string> kBinary = {
    "add", "sub", "rsub", "mul", "div", "true_divide", "floor_divide", "remainder", "fmod", "pow", "maximum", "minimum", "fmax", "fmin", "atan2", "hypot",
    "eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or", "bitwise_xor"};

// CUDA waits for the GPU in these: what they give, or its size, depends on the numbers.
const std::unordered_set<std::string> kReads = {"_local_scalar_dense", "equal", "nonzero", "masked_select", "bincount", "_unique", "_unique2", "unique_dim", "unique_consecutive"};

bool mayComeFromCpu(const at::Tensor& tensor, const std::string& argument, const std::string& op) {
  if (argument == "indices") return true;
  return tensor.dim() == 0 && (argument == "value" || kBinary.count(op) > 0 || tensor.unsafeGetTensorImpl()->is_wrapped_number());
}

void checkTensor(const at::Tensor& tensor, const std::string& argument, const std::string& op) {
  if (!tensor.defined() || tensor.device() == kSimulated || mayComeFromCpu(tensor, argument, op)) return;
  TORCH_CHECK(false, "Expected all tensors to be on the same device, but found at least two devices, ", kSimulated, " and ", tensor.device(), "! (when checking argument for argument ", argument, " in method ", op, ")");
}

void checkArgument(const IValue& value, const std::string& argument, const std::string& op) {
  if (value.isTensor()) checkTensor(value.toTensor(), argument, op);
  if (value.isList())
    for (const IValue& item : value.toListRef()) checkArgument(item, argument, op);
  TORCH_CHECK(!value.isGenerator(), "Expected a '", c10::DeviceTypeName(kSimulated.type(), true), "' device type for generator but found 'cpu'");
}

bool isMask(const IValue& index) { return index.isTensor() && index.toTensor().defined() && (index.toTensor().scalar_type() == at::kBool || index.toTensor().scalar_type() == at::kByte); }

int64_t readsOf(const std::string& op, c10::ArrayRef<IValue> arguments) {
  if (kReads.count(op) > 0) return 1;
  if (op != "_index_put_impl") return 0;  // a mask is turned into indices by nonzero; elsewhere libtorch has called that before
  const auto indices = arguments[1].toListRef();
  return std::count_if(indices.begin(), indices.end(), isMask);
}

}  // namespace

int64_t checkAsCuda(const c10::OperatorHandle& op, const torch::jit::Stack& stack) {
  const auto& parameters = op.schema().arguments();
  const std::string name = baseName(op);
  const c10::ArrayRef<IValue> arguments(stack.data() + stack.size() - parameters.size(), parameters.size());
  for (size_t i = 0; i < parameters.size(); i++) checkArgument(arguments[i], parameters[i].name(), name);
  return readsOf(name, arguments);
}

}  // namespace singleshot
