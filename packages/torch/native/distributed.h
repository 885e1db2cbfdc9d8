// Processes that train together: one process's end of a group, over libtorch's c10d.
#pragma once
#include "addon.h"

#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <thread>

namespace singleshot {

// Collectives run on a thread of the group's own, in the order in which they were asked for: all ranks have to ask in the same order.
class Group {
 public:
  using Collective = std::function<c10::intrusive_ptr<c10d::Work>(c10d::ProcessGroupGloo&)>;

  Group(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size, const std::string& address, std::chrono::milliseconds timeout);
  ~Group();

  std::shared_future<void> start(Collective collective);
  std::shared_future<void> startReduction(at::Tensor tensor, c10d::ReduceOp::RedOpType op = c10d::ReduceOp::SUM);
  // After everything that was asked for before; does not throw.
  void then(std::function<void()> body);

  bool failed() const { return broken_; }
  int rank() const { return gloo_->getRank(); }
  int size() const { return gloo_->getSize(); }

 private:
  void push(std::function<void()> task);
  void work();

  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo_;
  std::chrono::milliseconds timeout_;
  std::exception_ptr failed_;  // a group that failed once is of no use
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  std::atomic<bool> broken_{false};
  bool closed_ = false;
  std::thread thread_;
};

std::shared_ptr<Group> groupOf(int64_t number);

// A promise that any thread may settle, once.
class Promised {
 public:
  Promised(napi_env env, napi_value* promise);
  void resolve(std::function<napi_value(napi_env)> value);
  void reject(std::string message);

 private:
  static void settle(napi_env env, napi_value, void*, void* self);
  void call();
  napi_deferred deferred_ = nullptr;
  napi_threadsafe_function settled_ = nullptr;
  std::function<napi_value(napi_env)> value_;
  std::string error_;
};

// Settles when the futures have come, on the group's thread; `value` is called on JavaScript's.
napi_value promiseOf(napi_env env, const std::shared_ptr<Group>& group, std::vector<std::shared_future<void>> awaited, std::function<napi_value(napi_env)> value);

}  // namespace singleshot
