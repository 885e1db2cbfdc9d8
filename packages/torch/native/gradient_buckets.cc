// Sums gradients over the processes of a group while backward still computes: as soon as all of a bucket are there it is sent on its way.
#include "distributed.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <atomic>
#include <unordered_map>

namespace singleshot {
namespace {

using Clock = std::chrono::steady_clock;
using torch::autograd::variable_list;

double millisecondsSince(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

struct Slice {
  at::Tensor parameter;
  at::Tensor gradient;  // a view of the bucket, laid out as the parameter
  bool filled = false;
};

struct Bucket {
  at::Tensor flat;
  std::vector<Slice> slices;
  size_t missing = 0;
};

class GradientBuckets {
 public:
  // Gradients come from the last layer to the first, so buckets are filled from the back; all ranks must make them alike.
  GradientBuckets(std::shared_ptr<Group> group, const std::vector<at::Tensor>& parameters, int64_t bucketBytes, bool overlap) : group_(std::move(group)), overlap_(overlap) {
    std::vector<at::Tensor> gathered;
    int64_t bytes = 0;
    int64_t limit = std::min<int64_t>(bucketBytes, kFirstBytes);
    for (auto parameter = parameters.rbegin(); parameter != parameters.rend(); ++parameter) {
      if (!gathered.empty() && (bytes + parameter->nbytes() > static_cast<uint64_t>(limit) || parameter->scalar_type() != gathered[0].scalar_type())) {
        close(gathered);
        bytes = 0;
        limit = bucketBytes;
      }
      gathered.push_back(*parameter);
      bytes += static_cast<int64_t>(parameter->nbytes());
    }
    if (!gathered.empty()) close(gathered);
  }

  void watch(const std::shared_ptr<GradientBuckets>& self);

  // The next backward pass is the step's last: its gradients are complete.
  void arm() {
    for (Bucket& bucket : buckets_) {
      bucket.missing = bucket.slices.size();
      for (Slice& slice : bucket.slices) slice.filled = false;
    }
    next_ = 0;
    sent_.clear();
    armed_ = true;
  }

  void arrived(size_t bucketIndex, size_t sliceIndex) {
    if (!armed_) return;
    Bucket& bucket = buckets_[bucketIndex];
    Slice& slice = bucket.slices[sliceIndex];
    const at::Tensor& gradient = slice.parameter.grad();
    if (slice.filled || !gradient.defined()) return;
    at::NoGradGuard noGrad;
    slice.gradient.copy_(gradient);
    slice.filled = true;
    bucket.missing--;
    if (overlap_) sendReady();
  }

  napi_value finish(napi_env env, const std::shared_ptr<GradientBuckets>& self) {
    if (!armed_) throw std::logic_error("gradient buckets: no step was begun");
    armed_ = false;
    at::NoGradGuard noGrad;
    for (Bucket& bucket : buckets_) {
      for (Slice& slice : bucket.slices)
        if (!slice.filled) slice.gradient.zero_();
      bucket.missing = 0;
    }
    sendReady();
    const Clock::time_point start = Clock::now();
    return promiseOf(env, group_, sent_, [self, start](napi_env own) {
      self->waitedMs_ += millisecondsSince(start);
      for (Bucket& bucket : self->buckets_)
        for (Slice& slice : bucket.slices)
          if (slice.filled) slice.parameter.mutable_grad() = slice.gradient;
      return undefinedValue(own);
    });
  }

  std::vector<double> times() const { return {*reducingMs_, waitedMs_}; }
  size_t count() const { return buckets_.size(); }

 private:
  static constexpr int64_t kFirstBytes = 1 << 20;  // the first of a backward pass is on its way early

  void close(std::vector<at::Tensor>& parameters) {
    int64_t elements = 0;
    for (const at::Tensor& parameter : parameters) elements += parameter.numel();
    Bucket bucket;
    bucket.flat = at::zeros({elements}, parameters[0].options().requires_grad(false));
    int64_t offset = 0;
    for (const at::Tensor& parameter : parameters) {
      if (!parameter.is_non_overlapping_and_dense()) throw std::invalid_argument("gradient buckets: a parameter's memory has gaps");
      bucket.slices.push_back({parameter, bucket.flat.as_strided(parameter.sizes(), parameter.strides(), offset)});
      offset += parameter.numel();
    }
    buckets_.push_back(std::move(bucket));
    parameters.clear();
  }

  // In the order of the buckets, which is the same on every rank.
  void sendReady() {
    for (; next_ < buckets_.size() && buckets_[next_].missing == 0; next_++)
      sent_.push_back(group_->reduce(buckets_[next_].flat, c10d::ReduceOp::SUM, reducingMs_));
  }

  std::shared_ptr<Group> group_;
  bool overlap_;
  bool armed_ = false;
  std::vector<Bucket> buckets_;
  size_t next_ = 0;
  std::vector<std::shared_future<void>> sent_;
  std::vector<std::shared_ptr<void>> accumulators_;
  std::shared_ptr<double> reducingMs_ = std::make_shared<double>(0);  // on the group's thread
  double waitedMs_ = 0;                                               // what was left of it when backward was done
};

struct Arrival : torch::autograd::FunctionPostHook {
  Arrival(std::weak_ptr<GradientBuckets> owner, size_t ownBucket, size_t ownSlice) : buckets(std::move(owner)), bucket(ownBucket), slice(ownSlice) {}
  variable_list operator()(const variable_list& outputs, const variable_list&) override {
    if (const auto alive = buckets.lock()) alive->arrived(bucket, slice);
    return outputs;
  }
  std::weak_ptr<GradientBuckets> buckets;
  size_t bucket, slice;
};

void GradientBuckets::watch(const std::shared_ptr<GradientBuckets>& self) {
  for (size_t b = 0; b < buckets_.size(); b++) {
    for (size_t s = 0; s < buckets_[b].slices.size(); s++) {
      const auto accumulator = torch::autograd::impl::grad_accumulator(buckets_[b].slices[s].parameter);
      accumulator->add_post_hook(std::make_unique<Arrival>(self, b, s));
      using Kept = std::decay_t<decltype(accumulator)>;
      accumulators_.push_back(std::make_shared<Kept>(accumulator));  // a parameter does not hold its own
    }
  }
}

std::unordered_map<int64_t, std::shared_ptr<GradientBuckets>>& all() {
  thread_local std::unordered_map<int64_t, std::shared_ptr<GradientBuckets>> buckets;
  return buckets;
}

std::shared_ptr<GradientBuckets> bucketsOf(napi_env env, napi_value number) {
  const auto found = all().find(integerOf(env, number));
  if (found == all().end()) throw std::invalid_argument("no such gradient buckets: they were closed");
  return found->second;
}

// openGradientBuckets(group, parameters, bytes, overlap): their number. Parameters must be in the same order on every rank.
napi_value openGradientBuckets(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    static std::atomic<int64_t> last{0};
    std::vector<at::Tensor> parameters(lengthOf(env, given[1]));
    for (uint32_t i = 0; i < parameters.size(); i++) parameters[i] = tensorOf(env, elementOf(env, given[1], i));
    const auto buckets = std::make_shared<GradientBuckets>(groupOf(integerOf(env, given[0])), parameters, integerOf(env, given[2]), booleanOf(env, given[3]));
    buckets->watch(buckets);
    const int64_t number = ++last;
    all().emplace(number, buckets);
    return numberValue(env, static_cast<double>(number));
  });
}

napi_value armGradientBuckets(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    bucketsOf(env, given[0])->arm();
    return undefinedValue(env);
  });
}

// reduceGradients(buckets): when every parameter's gradient is the sum over all ranks.
napi_value reduceGradients(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const auto buckets = bucketsOf(env, given[0]);
    return buckets->finish(env, buckets);
  });
}

// gradientBucketTimes(buckets): [number of buckets, ms of reducing, ms of it that was waited for].
napi_value gradientBucketTimes(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const auto buckets = bucketsOf(env, given[0]);
    const auto times = buckets->times();
    napi_value result;
    check(env, napi_create_array_with_length(env, 3, &result));
    check(env, napi_set_element(env, result, 0, numberValue(env, static_cast<double>(buckets->count()))));
    for (uint32_t i = 0; i < 2; i++) check(env, napi_set_element(env, result, i + 1, numberValue(env, times[i])));
    return result;
  });
}

napi_value closeGradientBuckets(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    all().erase(integerOf(env, given[0]));
    return undefinedValue(env);
  });
}

}  // namespace

void initGradientBuckets(napi_env env, napi_value exports) {
  define(env, exports, "openGradientBuckets", openGradientBuckets);
  define(env, exports, "armGradientBuckets", armGradientBuckets);
  define(env, exports, "reduceGradients", reduceGradients);
  define(env, exports, "gradientBucketTimes", gradientBucketTimes);
  define(env, exports, "closeGradientBuckets", closeGradientBuckets);
}

}  // namespace singleshot
