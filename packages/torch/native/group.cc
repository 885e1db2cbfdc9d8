#include "distributed.h"

namespace singleshot {

Group::Group(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size, const std::string& address, std::chrono::milliseconds timeout) : timeout_(timeout) {
  auto options = c10d::ProcessGroupGloo::Options::create(timeout);
  options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(address));
  gloo_ = c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank, size, options);
  thread_ = std::thread([this] { work(); });
}

Group::~Group() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
  }
  changed_.notify_one();
  thread_.join();
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

std::shared_future<void> Group::start(Collective collective) {
  auto done = std::make_shared<std::promise<void>>();
  auto future = done->get_future().share();
  push([this, done, collective = std::move(collective)] {
    try {
      if (failed_) std::rethrow_exception(failed_);
      collective(*gloo_)->wait(timeout_);
      done->set_value();
    } catch (...) {
      failed_ = std::current_exception();
      broken_ = true;
      done->set_exception(failed_);
    }
  });
  return future;
}

std::shared_future<void> Group::startReduction(at::Tensor tensor, c10d::ReduceOp::RedOpType op) {
  return start([tensor = std::move(tensor), op](c10d::ProcessGroupGloo& gloo) {
    c10d::AllreduceOptions options;
    options.reduceOp = op;
    std::vector<at::Tensor> tensors{tensor};
    return gloo.allreduce(tensors, options);
  });
}

void Group::then(std::function<void()> body) { push(std::move(body)); }

Promised::Promised(napi_env env, napi_value* promise) {
  check(env, napi_create_promise(env, &deferred_, promise));
  check(env, napi_create_threadsafe_function(env, nullptr, nullptr, stringValue(env, "singleshot"), 0, 1, nullptr, nullptr, nullptr, settle, &settled_));
}

void Promised::resolve(std::function<napi_value(napi_env)> value) {
  value_ = std::move(value);
  call();
}

void Promised::reject(std::string message) {
  error_ = std::move(message);
  call();
}

void Promised::call() {
  const napi_threadsafe_function settled = settled_;  // `this` may be gone after the first call
  napi_call_threadsafe_function(settled, this, napi_tsfn_nonblocking);
  napi_release_threadsafe_function(settled, napi_tsfn_release);
}

void Promised::settle(napi_env env, napi_value, void*, void* pointer) {
  const std::unique_ptr<Promised> self(static_cast<Promised*>(pointer));
  if (env == nullptr) return;  // the thread of JavaScript is ending
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
  auto* promised = new Promised(env, &promise);
  group->then([promised, awaited = std::move(awaited), value = std::move(value)] {
    try {
      for (const auto& future : awaited) future.get();
      promised->resolve(value);
    } catch (const std::exception& error) {
      promised->reject(describe(error));
    }
  });
  return promise;
}

}  // namespace singleshot
