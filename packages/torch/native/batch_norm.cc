// Batch norm and the activation behind it in one operator: the normalised map is never written and read again, neither forward nor backward.
// Channels-last float32 and bfloat16 have a kernel of their own; everything else takes libtorch's operators one after the other.
// With a process group the statistics are those of the pictures of all ranks, forward and backward.
#include "batch_norm_kernels.h"
#include "collectives.h"

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

// Statistics of a batch [C], float32 or better, and how many values of a channel they are of.
struct Statistics {
  Tensor mean, variance;
  double rows;
};

Statistics localStatistics(const Tensor& input) {
  const Map x = mapOf(input);
  const auto options = at::TensorOptions().dtype(at::kFloat);
  Statistics own{at::empty({x.channels}, options), at::empty({x.channels}, options), static_cast<double>(x.rows)};
  statistics(x, own.mean.data_ptr<float>(), own.variance.data_ptr<float>());
  return own;
}

// Of all ranks, each of which may have another number of pictures (Chan et al. 1979).
Statistics statisticsOfAll(const Statistics& own, int64_t group) {
  const auto precise = own.mean.options().dtype(at::kDouble);
  const Tensor rows = at::full({1}, own.rows, precise);
  const int64_t C = own.mean.numel();
  const Tensor all = gatherNow(group, at::cat({own.mean.to(at::kDouble), own.variance.to(at::kDouble), rows}));
  const Tensor means = all.narrow(1, 0, C), variances = all.narrow(1, C, C), counts = all.narrow(1, 2 * C, 1);
  const double total = counts.sum().item<double>();
  const Tensor mean = (means * counts).sum(0) / total;
  const Tensor variance = ((variances + (means - mean).square()) * counts).sum(0) / total;
  return {mean.to(own.mean.scalar_type()), variance.to(own.mean.scalar_type()), total};
}

constexpr int64_t kAlone = -1;

// Σ dz and Σ dz x̂ of every channel over all ranks.
std::pair<Tensor, Tensor> sumsOfAll(const Tensor& sum, const Tensor& deviation, int64_t group) {
  if (group == kAlone) return {sum, deviation};
  const Tensor both = at::cat({sum, deviation});
  sumNow(group, both);
  return {both.narrow(0, 0, sum.numel()), both.narrow(0, sum.numel(), sum.numel())};
}

struct BatchNormActivation : torch::autograd::Function<BatchNormActivation> {
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& weight, const Tensor& bias, const Tensor& mean, const Tensor& inverseStd, bool training, double rows, int64_t group, int64_t activation) {
    const Affine affine = affineOf(weight, bias, mean, inverseStd);
    Tensor output = at::empty_like(input);
    normalize(mapOf(input), affine.scale.data_ptr<float>(), affine.shift.data_ptr<float>(), static_cast<Activation>(activation), mapOf(output));
    context->save_for_backward({input, weight, bias, mean, inverseStd});
    context->saved_data["training"] = training;
    context->saved_data["rows"] = rows;
    context->saved_data["group"] = group;
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
      const double share = training ? 1.0 / context->saved_data["rows"].toDouble() : 0.0;
      const auto [sum, deviation] = sumsOfAll(biasGradient, weightGradient, training ? context->saved_data["group"].toInt() : kAlone);
      const Tensor perRow = sum * share, perDeviation = deviation * share;
      inputGradient = at::empty_like(input);
      spreadGradients(x, dy, c, activation, perRow.data_ptr<float>(), perDeviation.data_ptr<float>(), mapOf(inputGradient));
    }
    return {inputGradient, weightGradient, biasGradient, Tensor(), Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

// [C] → [1, C, 1, ...]
Tensor perChannel(const Tensor& values, const Tensor& map) {
  std::vector<int64_t> shape(map.dim(), 1);
  shape[1] = values.numel();
  return values.view(shape);
}

std::vector<int64_t> allButChannels(const Tensor& map) {
  std::vector<int64_t> dimensions;
  for (int64_t i = 0; i < map.dim(); i++)
    if (i != 1) dimensions.push_back(i);
  return dimensions;
}

at::ScalarType preciseType(const Tensor& map) { return map.scalar_type() == at::kDouble ? at::kDouble : at::kFloat; }

// Of maps that the kernel does not know: batch norm by the statistics of all ranks, by libtorch's operators.
struct SynchronizedBatchNorm : torch::autograd::Function<SynchronizedBatchNorm> {
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& weight, const Tensor& bias, const Tensor& mean, const Tensor& inverseStd, double rows, int64_t group) {
    context->save_for_backward({input, weight, mean, inverseStd});
    context->saved_data["rows"] = rows;
    context->saved_data["group"] = group;
    const Affine affine = affineOf(weight, bias, mean, inverseStd);
    return (input.to(preciseType(input)) * perChannel(affine.scale, input) + perChannel(affine.shift, input)).to(input.scalar_type());
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &input = saved[0], &weight = saved[1], &mean = saved[2], &inverseStd = saved[3];
    const Tensor dy = gradients[0].to(preciseType(input));
    const Tensor normalized = (input.to(preciseType(input)) - perChannel(mean, input)) * perChannel(inverseStd, input);
    const Tensor biasGradient = dy.sum(allButChannels(input)), weightGradient = (dy * normalized).sum(allButChannels(input));
    const auto [sum, deviation] = sumsOfAll(biasGradient, weightGradient, context->saved_data["group"].toInt());
    const double share = 1.0 / context->saved_data["rows"].toDouble();
    const Tensor inputGradient = perChannel(weight * inverseStd, input) * (dy - perChannel(sum * share, input) - normalized * perChannel(deviation * share, input));
    return {inputGradient.to(input.scalar_type()), weightGradient, biasGradient, Tensor(), Tensor(), Tensor(), Tensor()};
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

void follow(const Statistics& batch, double momentum, const Tensor& runningMean, const Tensor& runningVar) {
  runningMean.lerp_(batch.mean, momentum);
  runningVar.lerp_(batch.variance * (batch.rows / (batch.rows - 1)), momentum);
}

Tensor synchronized(const Tensor& input, const Tensor& weight, const Tensor& bias, const Tensor& runningMean, const Tensor& runningVar, double momentum, double eps, int64_t group) {
  Statistics batch;
  {
    at::NoGradGuard noGrad;
    const auto [variance, mean] = at::var_mean(input.to(preciseType(input)), allButChannels(input), /*unbiased=*/false);
    batch = statisticsOfAll({mean, variance, static_cast<double>(input.numel() / input.size(1))}, group);
    if (batch.rows > 1) follow(batch, momentum, runningMean, runningVar);
  }
  return SynchronizedBatchNorm::apply(input, weight, bias, batch.mean, (batch.variance + eps).rsqrt(), batch.rows, group);
}

Tensor batchNormActivation(const Tensor& input, const Tensor& weight, const Tensor& bias, const Tensor& runningMean, const Tensor& runningVar, bool train, double momentum, double eps, std::string name, int64_t group) {
  const Activation activation = activationOf(name);
  const bool together = train && group != kAlone;
  // One value a channel has no variance (a picture alone on a 1 x 1 map): there the running statistics serve, and are left as they are.
  const bool training = together || (train && (input.dim() < 2 || input.numel() > input.size(1)));
  if (!hasKernel(input, weight)) {
    return activated(
        together ? synchronized(input, weight, bias, runningMean, runningVar, momentum, eps, group)
                 : at::batch_norm(input, weight, bias, runningMean, runningVar, training, momentum, eps, true),
        activation);
  }
  for (const Tensor& values : {weight, bias, runningMean, runningVar})
    TORCH_CHECK(values.scalar_type() == at::kFloat && values.numel() == input.size(1), "weight, bias, mean and variance must have one float32 for each of the ", input.size(1), " channels");
  Statistics used{runningMean, runningVar, 1};
  if (training) {
    at::NoGradGuard noGrad;
    used = localStatistics(input);
    if (together) used = statisticsOfAll(used, group);
    if (used.rows > 1) follow(used, momentum, runningMean, runningVar);
  }
  const Tensor inverseStd = (used.variance.detach() + eps).rsqrt();
  return BatchNormActivation::apply(input, weight, bias, used.mean.detach(), inverseStd, training, used.rows, group, static_cast<int64_t>(activation));
}

}  // namespace

TORCH_LIBRARY(singleshot, library) {
  library.def(
      "batch_norm_activation(Tensor input, Tensor weight, Tensor bias, Tensor(a!) running_mean, Tensor(b!) running_var, bool training, float momentum, float eps, str activation, int group=-1) -> Tensor",
      batchNormActivation);
}

}  // namespace singleshot
