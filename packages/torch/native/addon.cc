#include "addon.h"

#include <c10/util/Exception.h>

#include <cmath>

namespace singleshot {
double TensorTable::add(at::Tensor tensor) {
  uint32_t index;
  if (free_.empty()) {
    if (slots_.size() >= kSlots) throw std::runtime_error("16,777,216 tensors are alive: some loop never lets go of its tensors");
    index = static_cast<uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Slot& slot = slots_[index];
  slot.tensor = std::move(tensor);
  return static_cast<double>(static_cast<uint64_t>(slot.generation) << kSlotBits | index);
}

void TensorTable::refuse(double handle) { throw std::runtime_error(handle == 0 ? "this tensor was disposed" : "not a tensor, or one that was disposed"); }

int64_t TensorTable::track(double handle) {
  Slot* slot = find(handle);
  if (slot == nullptr || slot->tracked > 0 || !slot->tensor.has_storage()) return 0;
  slot->tracked = static_cast<int64_t>(slot->tensor.storage().nbytes());
  return slot->tracked;
}

bool TensorTable::release(double handle, int64_t* trackedBytes) {
  Slot* slot = find(handle);
  if (slot == nullptr) return false;
  *trackedBytes = slot->tracked;
  slot->tracked = 0;
  slot->generation = slot->generation % (kGenerations - 1) + 1;
  free_.push_back(static_cast<uint32_t>(slot - slots_.data()));
  slot->tensor.reset();
  return true;
}

Environment& environment(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return *static_cast<Environment*>(data);
}

void check(napi_env env, napi_status status) {
  if (status == napi_ok) return;
  if (status == napi_pending_exception) throw JsException{};
  const napi_extended_error_info* info = nullptr;
  napi_get_last_error_info(env, &info);
  throw std::invalid_argument(info != nullptr && info->error_message != nullptr ? info->error_message : "wrong kind of argument");
}

std::string describe(const std::exception& error) {
  const auto* c10Error = dynamic_cast<const c10::Error*>(&error);
  std::string text = c10Error != nullptr ? c10Error->what_without_backtrace() : error.what();
  const size_t frames = text.find("\nException raised from");
  if (frames != std::string::npos) text.resize(frames);
  const std::string allocator = "DefaultCPUAllocator: ";  // after the line of C++ that found out
  const size_t cause = text.find(allocator);
  return cause == std::string::npos ? text : text.substr(cause + allocator.size());
}

void throwToJs(napi_env env, const std::string& message) {
  const bool memory = message.find("out of memory") != std::string::npos || message.find("can't allocate memory") != std::string::npos;
  napi_throw_error(env, memory ? "ERR_OUT_OF_MEMORY" : nullptr, message.c_str());
}

Arguments::Arguments(napi_env env, napi_callback_info info) {
  check(env, napi_get_cb_info(env, info, &count, values, nullptr, nullptr));
  if (count > kMaxArguments) throw std::invalid_argument("too many arguments");
}

napi_valuetype typeOf(napi_env env, napi_value value) {
  napi_valuetype type;
  check(env, napi_typeof(env, value, &type));
  return type;
}

bool isNullish(napi_env env, napi_value value) {
  const napi_valuetype type = typeOf(env, value);
  return type == napi_null || type == napi_undefined;
}

double numberOf(napi_env env, napi_value value) {
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok) throw std::invalid_argument("a number was expected");
  return number;
}

int64_t integerOf(napi_env env, napi_value value) {
  double number;  // the common case first
  if (napi_get_value_double(env, value, &number) == napi_ok) {
    if (number != std::trunc(number) || std::fabs(number) > 9007199254740992.0) throw std::invalid_argument("an integer was expected");
    return static_cast<int64_t>(number);
  }
  if (typeOf(env, value) != napi_bigint) throw std::invalid_argument("an integer was expected");
  int64_t integer;
  bool lossless = false;
  check(env, napi_get_value_bigint_int64(env, value, &integer, &lossless));
  if (!lossless) throw std::invalid_argument("the bigint does not fit into 64 bits");
  return integer;
}

bool booleanOf(napi_env env, napi_value value) {
  bool flag;
  if (napi_get_value_bool(env, value, &flag) != napi_ok) throw std::invalid_argument("a boolean was expected");
  return flag;
}

std::string stringOf(napi_env env, napi_value value) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) throw std::invalid_argument("a string was expected");
  std::string text(length, '\0');
  check(env, napi_get_value_string_utf8(env, value, text.data(), length + 1, &length));
  return text;
}

uint32_t lengthOf(napi_env env, napi_value array) {
  uint32_t length;
  if (napi_get_array_length(env, array, &length) != napi_ok) throw std::invalid_argument("an array was expected");
  return length;
}

napi_value elementOf(napi_env env, napi_value array, uint32_t index) {
  napi_value element;
  check(env, napi_get_element(env, array, index, &element));
  return element;
}

std::vector<int64_t> integersOf(napi_env env, napi_value array) {
  std::vector<int64_t> values(lengthOf(env, array));
  for (uint32_t i = 0; i < values.size(); i++) values[i] = integerOf(env, elementOf(env, array, i));
  return values;
}

at::Tensor& tensorOf(napi_env env, napi_value handle) {
  double number;
  if (napi_get_value_double(env, handle, &number) != napi_ok) throw std::invalid_argument("a tensor was expected");
  return environment(env).tensors.get(number);
}

napi_value numberValue(napi_env env, double value) {
  napi_value result;
  check(env, napi_create_double(env, value, &result));
  return result;
}

napi_value booleanValue(napi_env env, bool value) {
  napi_value result;
  check(env, napi_get_boolean(env, value, &result));
  return result;
}

napi_value stringValue(napi_env env, const std::string& text) {
  napi_value result;
  check(env, napi_create_string_utf8(env, text.data(), text.size(), &result));
  return result;
}

napi_value undefinedValue(napi_env env) {
  napi_value result;
  check(env, napi_get_undefined(env, &result));
  return result;
}

napi_value nullValue(napi_env env) {
  napi_value result;
  check(env, napi_get_null(env, &result));
  return result;
}

napi_value tensorValue(napi_env env, at::Tensor tensor) {
  if (!tensor.defined()) return nullValue(env);
  return numberValue(env, environment(env).tensors.add(std::move(tensor)));
}

napi_value integersValue(napi_env env, at::IntArrayRef values) {
  napi_value array;
  check(env, napi_create_array_with_length(env, values.size(), &array));
  for (uint32_t i = 0; i < values.size(); i++) check(env, napi_set_element(env, array, i, numberValue(env, static_cast<double>(values[i]))));
  return array;
}

void define(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  check(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function));
  check(env, napi_set_named_property(env, exports, name, function));
}

}  // namespace singleshot

NAPI_MODULE_INIT() {
  using namespace singleshot;
  return guarded(env, [&] {
    warnOnce();
    auto* data = new Environment();
    check(env, napi_set_instance_data(
        env, data,
        [](napi_env, void* pointer, void*) {
          auto* gone = static_cast<Environment*>(pointer);
          {
            std::lock_guard<std::mutex> lock(gone->borrowed->mutex);
            gone->borrowed->closed = true;
          }
          delete gone;
        },
        nullptr));
    initDispatcher(env, exports);
    initTensor(env, exports);
    initAutograd(env, exports);
    initAmp(env, exports);
    initRecorder(env, exports);
    initRuntime(env, exports);
    initDevices(env, exports);
    initProcessGroup(env, exports);
    initGradientBuckets(env, exports);
    return exports;
  });
}
