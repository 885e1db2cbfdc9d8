// A function of JavaScript that is told of every operator while it is set: how a network's own forward pass becomes a graph.
#include "addon.h"

namespace singleshot {

namespace {

// setRecorder(function | null): (operator, arguments, result) => void, in this thread.
napi_value setRecorder(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    Environment& own = environment(env);
    if (own.recorder != nullptr) check(env, napi_delete_reference(env, own.recorder));
    own.recorder = nullptr;
    if (!isNullish(env, given[0])) check(env, napi_create_reference(env, given[0], 1, &own.recorder));
    return undefinedValue(env);
  });
}

// Out of its place while it runs.
struct BorrowedRecorder {
  explicit BorrowedRecorder(Environment& environment) : own(environment), recorder(environment.recorder) { own.recorder = nullptr; }
  ~BorrowedRecorder() { own.recorder = recorder; }
  Environment& own;
  napi_ref recorder;
};

}  // namespace

void tellRecorder(napi_env env, Environment& own, const Arguments& given, napi_value result) {
  const BorrowedRecorder borrowed(own);
  napi_value recorder;
  check(env, napi_get_reference_value(env, borrowed.recorder, &recorder));
  napi_value arguments;
  check(env, napi_create_array_with_length(env, given.count - 1, &arguments));
  for (uint32_t i = 1; i < given.count; i++) check(env, napi_set_element(env, arguments, i - 1, given[i]));
  const napi_value told[] = {given[0], arguments, result};
  napi_value ignored;
  check(env, napi_call_function(env, undefinedValue(env), recorder, 3, told, &ignored));
}

void initRecorder(napi_env env, napi_value exports) { define(env, exports, "setRecorder", setRecorder); }

}  // namespace singleshot
