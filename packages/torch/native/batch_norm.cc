// Batch norm and the activation behind it in one operator: the normalised map is never written and read again, neither forward nor backward.
// Channels-last float32 and bfloat16 have a kernel of their own; everything else takes libtorch's operators one after the other.
#include "batch_norm_kernels.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

namespace singleshot {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

Activation activationOf(const std::string& name) {
  if (name == "none") return Activation::kNone;
  if (name == "relu") return Activation::kRelu;
  if (name == "relu6") return Activation::kRelu6;
  if (name == "hardswish") return Activation::kHardswish;
  TORCH_CHECK(false, "'", name, "' is no activation: none, relu, relu6, hardswish");
}

// [C] each, float32: y = act(x * scale + shift).
struct Affine {
  Tensor scale, shift;
};

Affine affineOf(const Tensor& weight, const Tensor& bias, const Tensor& mean, const Tensor& inverseStd) {
  const Tensor scale = weight * inverseStd;
  return {scale, bias - mean * scale};
}

Map mapOf(const Tensor& tensor) {
  return {tensor.data_ptr(), tensor.scalar_type() == at::kBFloat16, tensor.numel() / tensor.size(1), tensor.size(1)};
}

struct BatchNormActivation : torch::autograd::Function<BatchNormActivation> {
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& weight, const Tensor& bias, const Tensor& mean, const Tensor& inverseStd, bool training, int64_t activation) {
    const Affine affine = affineOf(weight, bias, mean, inverseStd);
    Tensor output = at::empty_like(input);
    normalize(mapOf(input), affine.scale.data_ptr<float>(), affine.shift.data_ptr<float>(), static_cast<Activation>(activation), mapOf(output));
    context->save_for_backward({input, weight, bias, mean, inverseStd});
    context->saved_data["training"] = training;
    context->saved_data["activation"] = activation;
    return output;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &input = saved[0], &weight = saved[1], &bias = saved[2], &mean = saved[3], &inverseStd = saved[4];
    const auto activation = static_cast<Activation>(context->saved_data["activation"].toInt());
    const Tensor gradient = gradients[0].to(input.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
    const Affine affine = affineOf(weight, bias, mean, inverseStd);
    const Tensor biasGradient = at::zeros_like(mean), weightGradient = at::zeros_like(mean);
    const Map x = mapOf(input), dy = mapOf(gradient);
    const Coefficients c{affine.scale.data_ptr<float>(), affine.shift.data_ptr<float>(), mean.data_ptr<float>(), inverseStd.data_ptr<float>()};
    const bool training = context->saved_data["training"].toBool();
    if (training || context->needs_input_grad(1) || context->needs_input_grad(2))  // else frozen: nobody asks for the sums
      sumGradients(x, dy, c, activation, biasGradient.data_ptr<float>(), weightGradient.data_ptr<float>());
    Tensor inputGradient;
    if (context->needs_input_grad(0)) {
      // dx = scale (dz - (Σ dz + x̂ Σ dz x̂) / P); with running statistics the sums do not depend on x.
      const double share = training ? 1.0 / static_cast<double>(x.rows) : 0.0;
      const Tensor perRow = biasGradient * share, perDeviation = weightGradient * share;
      inputGradient = at::empty_like(input);
      spreadGradients(x, dy, c, activation, perRow.data_ptr<float>(), perDeviation.data_ptr<float>(), mapOf(inputGradient));
    }
    return {inputGradient, weightGradient, biasGradient, Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

Tensor activated(const Tensor& map, Activation activation) {
  switch (activation) {
    case Activation::kNone: return map;
    case Activation::kRelu: return at::relu(map);
    case Activation::kRelu6: return map.scalar_type() == at::kBFloat16 ? at::clamp_max(at::relu(map), 6) : at::hardtanh(map, 0, 6);  // 1.13 has no bf16 backward of hardtanh
    case Activation::kHardswish: return at::hardswish(map);
  }
  return map;
}

bool hasKernel(const Tensor& input, const Tensor& weight) {
  const bool element = input.scalar_type() == at::kFloat || input.scalar_type() == at::kBFloat16;
  return element && input.device().is_cpu() && weight.scalar_type() == at::kFloat && input.dim() == 4 && input.numel() > 0 && input.is_contiguous(at::MemoryFormat::ChannelsLast);
}

Tensor batchNormActivation(const Tensor& input, const Tensor& weight, const Tensor& bias, const Tensor& runningMean, const Tensor& runningVar, bool train, double momentum, double eps, std::string name) {
  const Activation activation = activationOf(name);
  // One value a channel has no variance (a picture alone on a 1 x 1 map): there the running statistics serve, and are left as they are.
  const bool training = train && (input.dim() < 2 || input.numel() > input.size(1));
  if (!hasKernel(input, weight)) return activated(at::batch_norm(input, weight, bias, runningMean, runningVar, training, momentum, eps, true), activation);
  for (const Tensor& values : {weight, bias, runningMean, runningVar})
    TORCH_CHECK(values.scalar_type() == at::kFloat && values.numel() == input.size(1), "weight, bias, mean and variance must have one float32 for each of the ", input.size(1), " channels");
  Tensor mean = runningMean, variance = runningVar;
  if (training) {
    at::NoGradGuard noGrad;
    const Map x = mapOf(input);
    mean = at::empty_like(runningMean);
    variance = at::empty_like(runningVar);
    statistics(x, mean.data_ptr<float>(), variance.data_ptr<float>());
    runningMean.lerp_(mean, momentum);
    runningVar.lerp_(variance * (static_cast<double>(x.rows) / static_cast<double>(x.rows - 1)), momentum);
  }
  const Tensor inverseStd = (variance.detach() + eps).rsqrt();
  return BatchNormActivation::apply(input, weight, bias, mean.detach(), inverseStd, training, static_cast<int64_t>(activation));
}

}  // namespace

TORCH_LIBRARY(singleshot, library) {
  library.def(
      "batch_norm_activation(Tensor input, Tensor weight, Tensor bias, Tensor(a!) running_mean, Tensor(b!) running_var, bool training, float momentum, float eps, str activation) -> Tensor",
      batchNormActivation);
}

}  // namespace singleshot
