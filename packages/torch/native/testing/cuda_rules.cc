#include "cuda_rules.h"

#include "host_views.h"

#include <algorithm>
#include <optional>
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

// The tensors of an operator, one after the other: all have to be where the first one on a device is.
class Checked {
 public:
  explicit Checked(std::string op) : op_(std::move(op)) {}

  void check(const IValue& value, const std::string& argument) {
    if (value.isTensor()) check(value.toTensor(), argument);
    if (value.isList())
      for (const IValue& item : value.toListRef()) check(item, argument);
    TORCH_CHECK(!value.isGenerator(), "Expected a '", c10::DeviceTypeName(kSimulated, true), "' device type for generator but found 'cpu'");
  }

 private:
  void check(const at::Tensor& tensor, const std::string& argument) {
    if (!tensor.defined() || (tensor.device().is_cpu() && mayComeFromCpu(tensor, argument, op_))) return;
    if (!common_) common_ = tensor.device();
    TORCH_CHECK(tensor.device() == *common_, "Expected all tensors to be on the same device, but found at least two devices, ", *common_, " and ", tensor.device(), "! (when checking argument for argument ", argument, " in method ", op_, ")");
  }
  std::string op_;
  std::optional<c10::Device> common_;
};

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
  Checked checked(name);
  for (size_t i = 0; i < parameters.size(); i++) checked.check(arguments[i], parameters[i].name());
  return readsOf(name, arguments);
}

}  // namespace singleshot
