// Processes that train together: one process's end of a group, over libtorch's c10d.
#pragma once
#include "addon.h"

#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/version.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace singleshot {

#if TORCH_VERSION_MAJOR >= 2
using Backend = c10d::Backend;
#else
using Backend = c10d::ProcessGroup;
#endif

struct GroupOptions {
  int rank, size;
  std::string address;  // where the others reach this process
  std::chrono::milliseconds timeout;
};

// Collectives run on a thread of the group's own, in the order in which they were asked for: all ranks have to ask in the same order.
// Gloo carries tensors of the CPU, NCCL those of CUDA; without NCCL a device's tensors go by way of the CPU.
class Group {
 public:
  Group(c10::intrusive_ptr<c10d::Store> store, GroupOptions options);
  ~Group();

  // From now on NCCL carries tensors on CUDA; every rank has to do it, and to have a GPU of its own.
  void addNccl();

  // What was started is done when its future has come, on whatever device.
  std::shared_future<void> reduce(at::Tensor tensor, c10d::ReduceOp::RedOpType op = c10d::ReduceOp::SUM, std::shared_ptr<double> tookMs = nullptr);
  std::shared_future<void> broadcast(at::Tensor tensor, int root);
  std::shared_future<void> gather(at::Tensor own, at::Tensor all);  // all: [size, ...]
  std::shared_future<void> barrier();
  // After everything that was asked for before; does not throw.
  void then(std::function<void()> body);

  bool failed() const { return broken_; }
  int size() const { return options_.size; }

 private:
  using Collective = std::function<c10::intrusive_ptr<c10d::Work>(Backend&, const at::Tensor&)>;

  std::shared_future<void> start(std::function<void()> body);
  void carry(const at::Tensor& tensor, const Collective& collective);
  void push(std::function<void()> task);
  void work();

  const c10::intrusive_ptr<c10d::Store> store_;
  const GroupOptions options_;
  c10::intrusive_ptr<Backend> gloo_, nccl_;
  std::exception_ptr failed_;  // a group that failed once is of no use
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  std::atomic<bool> broken_{false};
  bool closed_ = false;
  std::thread thread_;
};

// Whether this addon was built with NCCL.
bool hasNccl();

std::shared_ptr<Group> groupOf(int64_t number);

// A promise that any thread may settle, once. `value` is called, and let go, on JavaScript's thread. Where that thread has ended before,
// nothing is settled, and what belongs to the promise is left where it is.
class Promised {
 public:
  Promised(napi_env env, napi_value* promise, std::function<napi_value(napi_env)> value = nullptr);
  // The program may end before it is settled.
  void letEnd(napi_env env);
  void settle();
  void resolve(std::function<napi_value(napi_env)> value);
  void reject(std::string message);

 private:
  // Whether JavaScript's thread is still there: asked under the mutex, for it may end meanwhile.
  struct Life {
    std::mutex mutex;
    bool over = false;
  };
  static void onThread(napi_env env, napi_value, void*, void* self);
  static void onEnd(void* life);
  std::shared_ptr<Life> life_ = std::make_shared<Life>();
  napi_deferred deferred_ = nullptr;
  napi_threadsafe_function settled_ = nullptr;
  std::function<napi_value(napi_env)> value_;
  std::string error_;
};

// Settles when the futures have come, on the group's thread; `value` is called on JavaScript's.
napi_value promiseOf(napi_env env, const std::shared_ptr<Group>& group, std::vector<std::shared_future<void>> awaited, std::function<napi_value(napi_env)> value);

}  // namespace singleshot
