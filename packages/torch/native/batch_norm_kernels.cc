#include "batch_norm_kernels.h"

#include <ATen/Parallel.h>

#include <cstring>
#include <vector>

// One version for each kind of machine, chosen when the addon is loaded.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDE
#endif

#define RESTRICT __restrict__  // the arrays of a pass never overlap

namespace singleshot {
namespace {

constexpr int64_t kBlock = 128;  // rows whose sums are kept in float before they go to double

struct BFloat16 {
  uint16_t bits;
};

inline float load(float value) { return value; }
inline float load(BFloat16 value) {
  const uint32_t bits = static_cast<uint32_t>(value.bits) << 16;
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}

inline void store(float* to, float value) { *to = value; }
inline void store(BFloat16* to, float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;  // to nearest, ties to even
  to->bits = static_cast<uint16_t>(value == value ? rounded : 0x7FC0);
}

template <Activation A>
inline float activate(float z) {
  if (A == Activation::kRelu) return z < 0 ? 0 : z;
  if (A == Activation::kRelu6) return z < 0 ? 0 : z > 6 ? 6 : z;
  if (A == Activation::kHardswish) {
    const float gate = z + 3;
    return z * (gate < 0 ? 0 : gate > 6 ? 6 : gate) * (1.0f / 6.0f);
  }
  return z;
}

template <Activation A>
inline float slope(float z) {
  if (A == Activation::kRelu) return z > 0 ? 1.0f : 0.0f;
  if (A == Activation::kRelu6) return z > 0 && z < 6 ? 1.0f : 0.0f;
  if (A == Activation::kHardswish) return z < -3 ? 0.0f : z <= 3 ? z * (1.0f / 3.0f) + 0.5f : 1.0f;
  return 1.0f;
}

template <typename T>
WIDE void sumBlock(const T* RESTRICT x, const float* RESTRICT origin, int64_t rows, int64_t channels, float* RESTRICT sum, float* RESTRICT square) {
  for (int64_t row = 0; row < rows; row++, x += channels) {
    for (int64_t c = 0; c < channels; c++) {
      const float d = load(x[c]) - origin[c];
      sum[c] += d;
      square[c] += d * d;
    }
  }
}

template <typename T, Activation A>
WIDE void normalizeRows(const T* RESTRICT x, const float* RESTRICT scale, const float* RESTRICT shift, int64_t rows, int64_t channels, T* RESTRICT y) {
  for (int64_t row = 0; row < rows; row++, x += channels, y += channels)
    for (int64_t c = 0; c < channels; c++) store(y + c, activate<A>(load(x[c]) * scale[c] + shift[c]));
}

template <typename T, Activation A>
WIDE void sumGradientBlock(const T* RESTRICT x, const T* RESTRICT dy, const Coefficients& k, int64_t rows, int64_t channels, float* RESTRICT sum, float* RESTRICT deviation) {
  const float* RESTRICT scale = k.scale;
  const float* RESTRICT shift = k.shift;
  const float* RESTRICT mean = k.mean;
  for (int64_t row = 0; row < rows; row++, x += channels, dy += channels) {
    for (int64_t c = 0; c < channels; c++) {
      const float value = load(x[c]);
      const float dz = load(dy[c]) * slope<A>(value * scale[c] + shift[c]);
      sum[c] += dz;
      deviation[c] += dz * (value - mean[c]);
    }
  }
}

// dx = scale dz + a + b x: both constants are worked out once a channel.
template <typename T, Activation A>
WIDE void spreadRows(const T* RESTRICT x, const T* RESTRICT dy, const float* RESTRICT scale, const float* RESTRICT shift, const float* RESTRICT a, const float* RESTRICT b, int64_t rows, int64_t channels, T* RESTRICT dx) {
  for (int64_t row = 0; row < rows; row++, x += channels, dy += channels, dx += channels) {
    for (int64_t c = 0; c < channels; c++) {
      const float value = load(x[c]);
      const float dz = load(dy[c]) * slope<A>(value * scale[c] + shift[c]);
      store(dx + c, scale[c] * dz + a[c] + b[c] * value);
    }
  }
}

int64_t grain(const Map& map) { return std::max<int64_t>(1, 32768 / map.channels); }

// Two sums for every channel, over all rows: each thread its own share, added up in the order of the shares.
template <typename AddBlock>
void sumRows(const Map& map, const AddBlock& addBlock, std::vector<double>& first, std::vector<double>& second) {
  const int64_t C = map.channels;
  const int64_t shares = std::max<int64_t>(1, std::min<int64_t>(at::get_num_threads(), map.rows / grain(map)));
  std::vector<std::vector<double>> sums(shares, std::vector<double>(2 * C));
  at::parallel_for(0, shares, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> block(2 * C);
    for (int64_t share = begin; share < end; share++) {
      const int64_t last = map.rows * (share + 1) / shares;
      for (int64_t row = map.rows * share / shares; row < last; row += kBlock) {
        std::fill(block.begin(), block.end(), 0.0f);
        addBlock(row, std::min(kBlock, last - row), block.data(), block.data() + C);
        for (int64_t c = 0; c < 2 * C; c++) sums[share][c] += block[c];
      }
    }
  });
  first.assign(C, 0);
  second.assign(C, 0);
  for (const auto& share : sums) {
    for (int64_t c = 0; c < C; c++) {
      first[c] += share[c];
      second[c] += share[C + c];
    }
  }
}

template <typename Body>
void dispatch(Activation activation, const Body& body) {
  switch (activation) {
    case Activation::kNone: return body(std::integral_constant<Activation, Activation::kNone>());
    case Activation::kRelu: return body(std::integral_constant<Activation, Activation::kRelu>());
    case Activation::kRelu6: return body(std::integral_constant<Activation, Activation::kRelu6>());
    case Activation::kHardswish: return body(std::integral_constant<Activation, Activation::kHardswish>());
  }
}

template <typename T>
void statisticsOf(const Map& map, float* mean, float* variance) {
  const T* x = static_cast<const T*>(map.data);
  const int64_t C = map.channels;
  std::vector<float> origin(C);  // distances from the first row: no large numbers cancel
  for (int64_t c = 0; c < C; c++) origin[c] = load(x[c]);
  std::vector<double> sum, square;
  sumRows(map, [&](int64_t row, int64_t rows, float* a, float* b) { sumBlock(x + row * C, origin.data(), rows, C, a, b); }, sum, square);
  for (int64_t c = 0; c < C; c++) {
    const double offset = sum[c] / static_cast<double>(map.rows);
    mean[c] = static_cast<float>(origin[c] + offset);
    variance[c] = static_cast<float>(std::max(0.0, square[c] / static_cast<double>(map.rows) - offset * offset));
  }
}

template <typename T>
void normalizeAs(const Map& map, const float* scale, const float* shift, Activation activation, const Map& out) {
  const T* x = static_cast<const T*>(map.data);
  T* y = static_cast<T*>(out.data);
  const int64_t C = map.channels;
  dispatch(activation, [&](auto kind) {
    at::parallel_for(0, map.rows, grain(map), [&](int64_t begin, int64_t end) { normalizeRows<T, decltype(kind)::value>(x + begin * C, scale, shift, end - begin, C, y + begin * C); });
  });
}

template <typename T>
void sumGradientsAs(const Map& map, const Map& gradient, const Coefficients& k, Activation activation, float* sum, float* deviation) {
  const T *x = static_cast<const T*>(map.data), *dy = static_cast<const T*>(gradient.data);
  const int64_t C = map.channels;
  std::vector<double> first, second;
  dispatch(activation, [&](auto kind) {
    sumRows(map, [&](int64_t row, int64_t rows, float* a, float* b) { sumGradientBlock<T, decltype(kind)::value>(x + row * C, dy + row * C, k, rows, C, a, b); }, first, second);
  });
  for (int64_t c = 0; c < C; c++) {
    sum[c] = static_cast<float>(first[c]);
    deviation[c] = static_cast<float>(second[c] * k.inverseStd[c]);
  }
}

template <typename T>
void spreadGradientsAs(const Map& map, const Map& gradient, const Coefficients& k, Activation activation, const float* perRow, const float* perDeviation, const Map& out) {
  const T *x = static_cast<const T*>(map.data), *dy = static_cast<const T*>(gradient.data);
  T* dx = static_cast<T*>(out.data);
  const int64_t C = map.channels;
  std::vector<float> a(C), b(C);
  for (int64_t c = 0; c < C; c++) {
    b[c] = -k.scale[c] * perDeviation[c] * k.inverseStd[c];
    a[c] = -k.scale[c] * perRow[c] - b[c] * k.mean[c];
  }
  dispatch(activation, [&](auto kind) {
    at::parallel_for(0, map.rows, grain(map), [&](int64_t begin, int64_t end) {
      spreadRows<T, decltype(kind)::value>(x + begin * C, dy + begin * C, k.scale, k.shift, a.data(), b.data(), end - begin, C, dx + begin * C);
    });
  });
}

}  // namespace

void statistics(const Map& x, float* mean, float* variance) { x.bfloat16 ? statisticsOf<BFloat16>(x, mean, variance) : statisticsOf<float>(x, mean, variance); }

void normalize(const Map& x, const float* scale, const float* shift, Activation activation, const Map& y) {
  x.bfloat16 ? normalizeAs<BFloat16>(x, scale, shift, activation, y) : normalizeAs<float>(x, scale, shift, activation, y);
}

void sumGradients(const Map& x, const Map& dy, const Coefficients& c, Activation activation, float* sum, float* deviation) {
  x.bfloat16 ? sumGradientsAs<BFloat16>(x, dy, c, activation, sum, deviation) : sumGradientsAs<float>(x, dy, c, activation, sum, deviation);
}

void spreadGradients(const Map& x, const Map& dy, const Coefficients& c, Activation activation, const float* perRow, const float* perDeviation, const Map& dx) {
  x.bfloat16 ? spreadGradientsAs<BFloat16>(x, dy, c, activation, perRow, perDeviation, dx) : spreadGradientsAs<float>(x, dy, c, activation, perRow, perDeviation, dx);
}

}  // namespace singleshot
