// The passes of batch_norm.cc over a channels-last map: rows of C channels, one row a pixel.
#pragma once
#include <cstdint>

namespace singleshot {

enum class Activation { kNone, kRelu, kRelu6, kHardswish };

struct Map {
  void* data;
  bool bfloat16;  // else float32
  int64_t rows, channels;
};

// [C] each: z = x * scale + shift and x̂ = (x - mean) * inverseStd.
struct Coefficients {
  const float *scale, *shift, *mean, *inverseStd;
};

// Mean and biased variance of every channel.
void statistics(const Map& x, float* mean, float* variance);

// y = act(x * scale + shift)
void normalize(const Map& x, const float* scale, const float* shift, Activation activation, const Map& y);

// With dz = dy * act'(z): Σ dz and Σ dz x̂ of every channel.
void sumGradients(const Map& x, const Map& dy, const Coefficients& c, Activation activation, float* sum, float* deviation);

// dx = scale * (dz - perRow - x̂ * perDeviation)
void spreadGradients(const Map& x, const Map& dy, const Coefficients& c, Activation activation, const float* perRow, const float* perDeviation, const Map& dx);

}  // namespace singleshot
