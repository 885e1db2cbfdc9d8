// Stores and process groups for JavaScript. Whatever has to wait for other processes gives a promise.
#include "collectives.h"
#include "distributed.h"

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <unordered_map>

namespace singleshot {
namespace {

using Milliseconds = std::chrono::milliseconds;

// What operators and threads know by a number. Never destroyed: threads of libtorch may outlive this library's statics.
template <typename Held>
class Numbered {
 public:
  int64_t add(Held held) {
    std::lock_guard<std::mutex> lock(mutex_);
    held_.emplace(++last_, std::move(held));
    return last_;
  }
  Held get(int64_t number) {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = held_.find(number);
    if (found == held_.end()) throw std::invalid_argument("no such store, process group or sum: it was closed, or waited for before");
    return found->second;
  }
  Held take(int64_t number) {
    Held held = get(number);
    std::lock_guard<std::mutex> lock(mutex_);
    held_.erase(number);
    return held;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<int64_t, Held> held_;
  int64_t last_ = 0;
};

using StorePointer = c10::intrusive_ptr<c10d::Store>;

Numbered<StorePointer>& stores() {
  static auto& all = *new Numbered<StorePointer>();
  return all;
}

Numbered<std::shared_ptr<Group>>& groups() {
  static auto& all = *new Numbered<std::shared_ptr<Group>>();
  return all;
}

Numbered<std::shared_future<void>>& sums() {
  static auto& all = *new Numbered<std::shared_future<void>>();
  return all;
}

enum class Ending { waits, goesOn };

// A promise for what `body` gives on a thread of its own: making connections takes as long as the others let us wait. `goesOn`: the
// program may end before; who wants to wait has to keep it alive.
napi_value apart(napi_env env, std::function<std::function<napi_value(napi_env)>()> body, Ending ending = Ending::waits) {
  napi_value promise;
  auto* promised = new Promised(env, &promise);
  if (ending == Ending::goesOn) promised->letEnd(env);
  std::thread([promised, body = std::move(body)] {
    try {
      promised->resolve(body());
    } catch (const std::exception& error) {
      promised->reject(describe(error));
    }
  }).detach();
  return promise;
}

std::function<napi_value(napi_env)> numbered(int64_t number) {
  return [number](napi_env env) { return numberValue(env, static_cast<double>(number)); };
}

// connectStore(host, port, serves, timeoutMs): the number of a TCPStore; port 0 with `serves` takes a free one.
napi_value connectStore(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    c10d::TCPStoreOptions options;
    options.port = static_cast<uint16_t>(integerOf(env, given[1]));
    options.isServer = booleanOf(env, given[2]);
    options.waitWorkers = false;
    options.timeout = Milliseconds(integerOf(env, given[3]));
    return apart(env, [host = stringOf(env, given[0]), options] { return numbered(stores().add(c10::make_intrusive<c10d::TCPStore>(host, options))); }, Ending::goesOn);
  });
}

// setInStore(store, key, text)
napi_value setInStore(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const std::string text = stringOf(env, given[2]);
    return apart(env, [store = stores().get(integerOf(env, given[0])), key = stringOf(env, given[1]), text] {
      store->set(key, std::vector<uint8_t>(text.begin(), text.end()));
      return undefinedValue;
    });
  });
}

// getFromStore(store, key): the text, as soon as somebody has set it.
napi_value getFromStore(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    return apart(env, [store = stores().get(integerOf(env, given[0])), key = stringOf(env, given[1])] {
      const auto bytes = store->get(key);
      return [text = std::string(bytes.begin(), bytes.end())](napi_env own) { return stringValue(own, text); };
    });
  });
}

// addInStore(store, key, amount): the sum of what all ranks have added.
napi_value addInStore(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const auto store = stores().get(integerOf(env, given[0]));
    return apart(env, [store, key = stringOf(env, given[1]), amount = integerOf(env, given[2])] { return numbered(store->add(key, amount)); }, Ending::goesOn);
  });
}

// storeHas(store, key): whether somebody has set it.
napi_value storeHas(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    return apart(env, [store = stores().get(integerOf(env, given[0])), key = stringOf(env, given[1])] {
      return [has = store->check({key})](napi_env own) { return booleanValue(own, has); };
    });
  });
}

napi_value closeStore(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    stores().take(integerOf(env, given[0]));
    return undefinedValue(env);
  });
}

// openGroup(store, name, rank, size, address, timeoutMs): the number of a group of all ranks, once all have come.
napi_value openGroup(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const auto store = c10::make_intrusive<c10d::PrefixStore>(stringOf(env, given[1]), stores().get(integerOf(env, given[0])));
    const Milliseconds timeout(integerOf(env, given[5]));
    store->setTimeout(timeout);
    const GroupOptions options{static_cast<int>(integerOf(env, given[2])), static_cast<int>(integerOf(env, given[3])), stringOf(env, given[4]), timeout};
    return apart(env, [store, options] { return numbered(groups().add(std::make_shared<Group>(store, options))); }, Ending::goesOn);
  });
}

napi_value closeGroup(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    groups().take(integerOf(env, given[0]));
    return undefinedValue(env);
  });
}

const at::Tensor& dense(const at::Tensor& tensor) {
  if (!tensor.is_non_overlapping_and_dense()) throw std::invalid_argument("the tensor's memory has gaps");
  return tensor;
}

std::pair<at::Tensor, std::shared_future<void>> startGather(Group& group, const at::Tensor& tensor) {
  const at::Tensor own = tensor.contiguous();
  auto shape = own.sizes().vec();
  shape.insert(shape.begin(), group.size());
  const at::Tensor all = at::empty(shape, own.options());
  return {all, group.gather(own, all)};
}

c10d::ReduceOp::RedOpType reductionOf(const std::string& name) {
  if (name == "sum") return c10d::ReduceOp::SUM;
  if (name == "max") return c10d::ReduceOp::MAX;
  if (name == "min") return c10d::ReduceOp::MIN;
  throw std::invalid_argument("'" + name + "' is no reduction: sum, max, min");
}

// allReduce(group, tensor, "sum" | "max" | "min"): in place, the same on every rank.
napi_value allReduce(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const auto group = groupOf(integerOf(env, given[0]));
    return promiseOf(env, group, {group->reduce(dense(tensorOf(env, given[1])), reductionOf(stringOf(env, given[2])))}, undefinedValue);
  });
}

// startSum(group, tensor): a number under which the sum, in place, can be waited for.
napi_value startSum(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const int64_t number = sums().add(groupOf(integerOf(env, given[0]))->reduce(dense(tensorOf(env, given[1]))));
    return numberValue(env, static_cast<double>(number));
  });
}

// awaitSum(number): once; the thread stands still.
napi_value awaitSum(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    sums().take(integerOf(env, given[0])).get();
    return undefinedValue(env);
  });
}

// broadcast(group, tensor, root): in place.
napi_value broadcast(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const auto group = groupOf(integerOf(env, given[0]));
    const auto sent = group->broadcast(dense(tensorOf(env, given[1])), static_cast<int>(integerOf(env, given[2])));
    return promiseOf(env, group, {sent}, undefinedValue);
  });
}

// allGather(group, tensor): the tensors of all ranks, which must be of one shape, stacked: [size, ...].
napi_value allGather(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const auto group = groupOf(integerOf(env, given[0]));
    const auto [all, gathered] = startGather(*group, tensorOf(env, given[1]));
    return promiseOf(env, group, {gathered}, [all = all](napi_env own) { return tensorValue(own, all); });
  });
}

// addNccl(group): between its collectives, on every rank.
napi_value addNccl(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    groupOf(integerOf(env, given[0]))->addNccl();
    return undefinedValue(env);
  });
}

// hasNccl(): whether groups can be asked for it.
napi_value ncclIsThere(napi_env env, napi_callback_info) {
  return guarded(env, [&] { return booleanValue(env, hasNccl()); });
}

// groupFailed(group): whether a collective of it has ended in an error.
napi_value groupFailed(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    return booleanValue(env, groupOf(integerOf(env, given[0]))->failed());
  });
}

// barrier(group): when all ranks have come.
napi_value barrier(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const auto group = groupOf(integerOf(env, given[0]));
    return promiseOf(env, group, {group->barrier()}, undefinedValue);
  });
}

}  // namespace

std::shared_ptr<Group> groupOf(int64_t number) { return groups().get(number); }

at::Tensor gatherNow(int64_t group, const at::Tensor& own) {
  const auto [all, gathered] = startGather(*groupOf(group), own);
  gathered.get();
  return all;
}

void sumNow(int64_t group, const at::Tensor& tensor) { groupOf(group)->reduce(tensor).get(); }

void initProcessGroup(napi_env env, napi_value exports) {
  define(env, exports, "connectStore", connectStore);
  define(env, exports, "setInStore", setInStore);
  define(env, exports, "getFromStore", getFromStore);
  define(env, exports, "addInStore", addInStore);
  define(env, exports, "storeHas", storeHas);
  define(env, exports, "closeStore", closeStore);
  define(env, exports, "openGroup", openGroup);
  define(env, exports, "closeGroup", closeGroup);
  define(env, exports, "hasNccl", ncclIsThere);
  define(env, exports, "addNccl", addNccl);
  define(env, exports, "groupFailed", groupFailed);
  define(env, exports, "allReduce", allReduce);
  define(env, exports, "startSum", startSum);
  define(env, exports, "awaitSum", awaitSum);
  define(env, exports, "broadcast", broadcast);
  define(env, exports, "allGather", allGather);
  define(env, exports, "barrier", barrier);
}

}  // namespace singleshot
