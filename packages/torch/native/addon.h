// What every subject shares: the environment, its table of tensors, argument readers and the guard that turns C++ exceptions into JS errors.
#pragma once
#include <node_api.h>

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace singleshot {

// A tensor is known to JavaScript by a number: generation * 2^24 + slot. A slot that was freed raises its generation, so a stale or invented number is found out.
class TensorTable {
 public:
  double add(at::Tensor tensor);
  at::Tensor& get(double handle) {
    Slot* slot = find(handle);
    if (slot == nullptr) refuse(handle);
    return slot->tensor;
  }
  bool release(double handle, int64_t* trackedBytes);  // false: it was released before
  int64_t track(double handle);                        // bytes of its storage, remembered for the release
  size_t live() const { return slots_.size() - free_.size(); }

 private:
  struct Slot {
    at::Tensor tensor;
    uint32_t generation = 1;
    int64_t tracked = 0;
  };
  static constexpr int kSlotBits = 24;
  static constexpr uint32_t kSlots = 1u << kSlotBits;
  static constexpr uint32_t kGenerations = 1u << (53 - kSlotBits);  // a double holds 53 bits
  Slot* find(double handle) {
    if (!(handle >= kSlots && handle < 9007199254740992.0)) return nullptr;
    const auto bits = static_cast<uint64_t>(handle);
    const size_t index = bits & (kSlots - 1);
    const bool known = static_cast<double>(bits) == handle && index < slots_.size() && slots_[index].generation == bits >> kSlotBits;
    return known && slots_[index].tensor.defined() ? &slots_[index] : nullptr;
  }
  [[noreturn]] static void refuse(double handle);
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
};

// Buffers that JavaScript lends to libtorch. libtorch may let go of one on any thread; the reference is deleted on ours.
struct BorrowedBuffers {
  std::mutex mutex;
  std::vector<napi_ref> returned;
  bool closed = false;
};

struct Operator;  // dispatcher.cc

struct AutocastLevel {
  c10::DeviceType device;
  bool on;
  at::ScalarType dtype;
};

struct Environment {
  TensorTable tensors;
  std::vector<at::Generator> generators;
  std::vector<const Operator*> operators;
  std::vector<c10::IValue> stack;  // lent to the operator being called, kept for its memory
  napi_ref recorder = nullptr;     // told of every operator that was called
  std::vector<std::shared_ptr<void>> modes;  // open InferenceMode guards
  std::vector<AutocastLevel> autocasts;      // what to go back to, of every open level
  std::shared_ptr<BorrowedBuffers> borrowed = std::make_shared<BorrowedBuffers>();
};

Environment& environment(napi_env env);

struct JsException {};  // a JS exception is already pending

void check(napi_env env, napi_status status);
std::string describe(const std::exception& error);  // its message without C++ frames
void throwToJs(napi_env env, const std::string& message);  // with the code ERR_OUT_OF_MEMORY where memory of a device or the machine is short

template <typename Body>
napi_value guarded(napi_env env, Body&& body) {
  try {
    return body();
  } catch (const JsException&) {
  } catch (const std::exception& error) {
    throwToJs(env, describe(error));
  } catch (...) {
    napi_throw_error(env, nullptr, "unknown C++ exception");
  }
  return nullptr;
}

// What JavaScript passed. Beyond `count` the values are undefined.
constexpr size_t kMaxArguments = 24;
struct Arguments {
  Arguments(napi_env env, napi_callback_info info);
  napi_value operator[](size_t index) const { return values[index]; }
  size_t count = kMaxArguments;
  napi_value values[kMaxArguments];
};

napi_valuetype typeOf(napi_env env, napi_value value);
bool isNullish(napi_env env, napi_value value);
double numberOf(napi_env env, napi_value value);
int64_t integerOf(napi_env env, napi_value value);
bool booleanOf(napi_env env, napi_value value);
std::string stringOf(napi_env env, napi_value value);
uint32_t lengthOf(napi_env env, napi_value array);
napi_value elementOf(napi_env env, napi_value array, uint32_t index);
std::vector<int64_t> integersOf(napi_env env, napi_value array);
at::Tensor& tensorOf(napi_env env, napi_value handle);

napi_value numberValue(napi_env env, double value);
napi_value booleanValue(napi_env env, bool value);
napi_value stringValue(napi_env env, const std::string& text);
napi_value undefinedValue(napi_env env);
napi_value nullValue(napi_env env);
napi_value tensorValue(napi_env env, at::Tensor tensor);
napi_value integersValue(napi_env env, at::IntArrayRef values);

const char* dtypeName(at::ScalarType type);

// Words for what libtorch numbers: "float32", "channelsLast", "strided", "mean".
enum class Word { dtype, memoryFormat, layout, reduction };
int64_t codeOf(Word kind, const std::string& word);
int64_t wordOf(napi_env env, Word kind, napi_value value);

// Tells the recorder, which must be set, of a call; operators that it calls itself are not told.
void tellRecorder(napi_env env, Environment& own, const Arguments& given, napi_value result);

void initDispatcher(napi_env env, napi_value exports);
void initTensor(napi_env env, napi_value exports);
void initAutograd(napi_env env, napi_value exports);
void initAmp(napi_env env, napi_value exports);
void initRecorder(napi_env env, napi_value exports);
void initRuntime(napi_env env, napi_value exports);
void initDevices(napi_env env, napi_value exports);
void initProcessGroup(napi_env env, napi_value exports);
void initGradientBuckets(napi_env env, napi_value exports);

// From now on libtorch says each of its warnings once, in this thread.
void warnOnce();

// Gives libtorch an allocator that keeps large blocks for the next step. False where the platform has none.
bool keepFreedMemory();

void define(napi_env env, napi_value exports, const char* name, napi_callback callback);

}  // namespace singleshot
