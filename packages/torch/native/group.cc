#include "distributed.h"
#include "torch_version.h"

#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>
#ifdef SINGLESHOT_CUDA
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace singleshot {

bool hasNccl() {
#ifdef SINGLESHOT_CUDA
  return true;
#else
  return false;
#endif
}

namespace {

c10::intrusive_ptr<Backend> openNccl(const c10::intrusive_ptr<c10d::Store>& store, const GroupOptions& group) {
#ifdef SINGLESHOT_CUDA
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = 2 * group.timeout;  // ours ends first and says why; NCCL's would end the process
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(c10::make_intrusive<c10d::PrefixStore>("nccl", store), group.rank, group.size, options);
#else
  (void)store, (void)group;
  throw std::invalid_argument("this addon was built without NCCL");
#endif
}

// Later versions complain where their communicators are left to the destructor. Where something has failed, a kernel on the device may wait
// for ever: it is cut off.
void endNccl(Backend& nccl, bool inPeace) {
#if defined(SINGLESHOT_CUDA) && TORCH_FROM(2, 6)
  auto& own = static_cast<c10d::ProcessGroupNCCL&>(nccl);
  try {
    inPeace ? own.shutdown() : own.abort();
  } catch (const std::exception&) {  // that it is broken has been said
  }
#else
  (void)nccl, (void)inPeace;
#endif
}

// NCCL's own wait only makes the device wait; here a collective is done when it is done.
void awaitOnDevice(const c10::intrusive_ptr<c10d::Work>& work, std::chrono::milliseconds timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  while (!work->isCompleted()) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("timed out after " + std::to_string(timeout.count()) + " ms on the device");
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  work->wait();
}

}  // namespace

Group::Group(c10::intrusive_ptr<c10d::Store> store, GroupOptions options) : store_(std::move(store)), options_(std::move(options)) {
  auto gloo = c10d::ProcessGroupGloo::Options::create(options_.timeout);
  gloo->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(options_.address));
  gloo_ = c10::make_intrusive<c10d::ProcessGroupGloo>(store_, options_.rank, options_.size, gloo);
  thread_ = std::thread([this] { work(); });
}

void Group::addNccl() { nccl_ = openNccl(store_, options_); }

Group::~Group() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
  }
  changed_.notify_one();
  thread_.join();
  if (nccl_ && !broken_) endNccl(*nccl_, /*inPeace=*/true);
}

void Group::push(std::function<void()> task) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    queue_.push_back(std::move(task));
  }
  changed_.notify_one();
}

void Group::work() {
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] { return closed_ || !queue_.empty(); });
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

std::shared_future<void> Group::start(std::function<void()> body) {
  auto done = std::make_shared<std::promise<void>>();
  auto future = done->get_future().share();
  push([this, done, body = std::move(body)] {
    try {
      if (failed_) std::rethrow_exception(failed_);
      body();
      done->set_value();
    } catch (...) {
      failed_ = std::current_exception();
      broken_ = true;
      if (nccl_) endNccl(*nccl_, /*inPeace=*/false);
      done->set_exception(failed_);
    }
  });
  return future;
}

// Does something with a tensor in its place, or with a copy of it on the CPU.
void Group::carry(const at::Tensor& tensor, const Collective& collective) {
  if (tensor.device().is_cpu()) {
    collective(*gloo_, tensor)->wait(options_.timeout);
    return;
  }
  const at::NoGradGuard noGrad;
  const c10::DeviceGuard guard(tensor.device());
  if (nccl_ && tensor.device().is_cuda()) {
    gloo_->barrier()->wait(options_.timeout);  // finds out at once where a rank is gone; a kernel of NCCL would wait for it
    awaitOnDevice(collective(*nccl_, tensor), options_.timeout);
    return;
  }
  const at::Tensor copy = tensor.to(at::kCPU);
  collective(*gloo_, copy)->wait(options_.timeout);
  tensor.copy_(copy);
}

std::shared_future<void> Group::reduce(at::Tensor tensor, c10d::ReduceOp::RedOpType op, std::shared_ptr<double> tookMs) {
  return start([this, tensor = std::move(tensor), op, tookMs = std::move(tookMs)] {
    const auto begin = std::chrono::steady_clock::now();
    carry(tensor, [op](Backend& backend, const at::Tensor& flat) {
      c10d::AllreduceOptions options;
      options.reduceOp = op;
      std::vector<at::Tensor> tensors{flat};
      return backend.allreduce(tensors, options);
    });
    if (tookMs) *tookMs += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  });
}

std::shared_future<void> Group::broadcast(at::Tensor tensor, int root) {
  return start([this, tensor = std::move(tensor), root] {
    carry(tensor, [root](Backend& backend, const at::Tensor& flat) {
      c10d::BroadcastOptions options;
      options.rootRank = root;
      std::vector<at::Tensor> tensors{flat};
      return backend.broadcast(tensors, options);
    });
  });
}

std::shared_future<void> Group::gather(at::Tensor own, at::Tensor all) {
  return start([this, own = std::move(own), all = std::move(all)] {
    carry(all, [&own](Backend& backend, const at::Tensor& stacked) {
      std::vector<at::Tensor> inputs{own.to(stacked.device())};
      std::vector<std::vector<at::Tensor>> outputs{stacked.unbind(0)};
      return backend.allgather(outputs, inputs);
    });
  });
}

std::shared_future<void> Group::barrier() {
  return start([this] { gloo_->barrier()->wait(options_.timeout); });
}

void Group::then(std::function<void()> body) { push(std::move(body)); }

Promised::Promised(napi_env env, napi_value* promise, std::function<napi_value(napi_env)> value) : value_(std::move(value)) {
  check(env, napi_create_promise(env, &deferred_, promise));
  check(env, napi_create_threadsafe_function(env, nullptr, nullptr, stringValue(env, "singleshot"), 0, 1, nullptr, nullptr, nullptr, onThread, &settled_));
  check(env, napi_add_env_cleanup_hook(env, onEnd, life_.get()));  // hooks run backwards: before the function is taken away
}

void Promised::onEnd(void* life) {
  auto& own = *static_cast<Life*>(life);
  std::lock_guard<std::mutex> lock(own.mutex);
  own.over = true;
}

void Promised::letEnd(napi_env env) { check(env, napi_unref_threadsafe_function(env, settled_)); }

void Promised::resolve(std::function<napi_value(napi_env)> value) {
  value_ = std::move(value);
  settle();
}

void Promised::reject(std::string message) {
  error_ = std::move(message);
  settle();
}

void Promised::settle() {
  const std::shared_ptr<Life> life = life_;
  const napi_threadsafe_function settled = settled_;  // `this` may be gone after the first call
  std::lock_guard<std::mutex> lock(life->mutex);
  if (life->over) return;
  napi_call_threadsafe_function(settled, this, napi_tsfn_nonblocking);
  napi_release_threadsafe_function(settled, napi_tsfn_release);
}

void Promised::onThread(napi_env env, napi_value, void*, void* pointer) {
  const std::unique_ptr<Promised> self(static_cast<Promised*>(pointer));
  if (env == nullptr) return;  // the thread of JavaScript is ending
  napi_remove_env_cleanup_hook(env, onEnd, self->life_.get());
  napi_value result = nullptr;
  if (self->error_.empty()) {
    try {
      result = self->value_(env);
    } catch (const std::exception& error) {
      self->error_ = describe(error);
    }
  }
  if (result != nullptr) {
    napi_resolve_deferred(env, self->deferred_, result);
    return;
  }
  napi_value error;
  napi_create_error(env, nullptr, stringValue(env, self->error_), &error);
  napi_reject_deferred(env, self->deferred_, error);
}

napi_value promiseOf(napi_env env, const std::shared_ptr<Group>& group, std::vector<std::shared_future<void>> awaited, std::function<napi_value(napi_env)> value) {
  napi_value promise;
  auto* promised = new Promised(env, &promise, std::move(value));  // which may hold the group: it is let go on JavaScript's thread
  group->then([promised, awaited = std::move(awaited)] {
    try {
      for (const auto& future : awaited) future.get();
      promised->settle();
    } catch (const std::exception& error) {
      promised->reject(describe(error));
    }
  });
  return promise;
}

}  // namespace singleshot
