// Tensors: bytes in and out without a copy, facts about them, and letting go.
#include "addon.h"

#include <ATen/ops/from_blob.h>

#include <cstring>
#include <iterator>

namespace singleshot {
namespace {

struct Bytes {
  void* data;
  size_t length;
};

Bytes bytesOf(napi_env env, napi_value view) {
  Bytes bytes{};
  bool typed = false;
  check(env, napi_is_typedarray(env, view, &typed));
  if (!typed) throw std::invalid_argument("a typed array was expected");
  napi_typedarray_type type;
  size_t length;
  check(env, napi_get_typedarray_info(env, view, &type, &length, &bytes.data, nullptr, nullptr));
  static constexpr size_t widths[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8, 2};  // in the order of napi_typedarray_type, then Float16Array
  if (static_cast<size_t>(type) >= std::size(widths)) throw std::invalid_argument("this kind of typed array is not known");
  bytes.length = length * widths[type];
  return bytes;
}

// Lets the garbage collector have the arrays that libtorch no longer looks at.
void returnBorrowed(napi_env env) {
  auto& borrowed = *environment(env).borrowed;
  std::vector<napi_ref> returned;
  {
    std::lock_guard<std::mutex> lock(borrowed.mutex);
    returned.swap(borrowed.returned);
  }
  for (napi_ref reference : returned) napi_delete_reference(env, reference);
}

// fromBuffer(typedArray, dtype, shape): a tensor on the array's own memory; writes are seen on both sides.
napi_value fromBuffer(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    returnBorrowed(env);
    const auto dtype = static_cast<at::ScalarType>(wordOf(env, Word::dtype, given[1]));
    const auto shape = integersOf(env, given[2]);
    const Bytes bytes = bytesOf(env, given[0]);  // last: reading a shape may run code that moves the buffer
    double needed = static_cast<double>(c10::elementSize(dtype));
    for (const int64_t side : shape) {
      if (side < 0) throw std::invalid_argument("a shape has no negative sides");
      needed *= static_cast<double>(side);
    }
    if (needed > static_cast<double>(bytes.length))
      throw std::invalid_argument("the buffer holds " + std::to_string(bytes.length) + " bytes, the shape needs " + std::to_string(static_cast<int64_t>(needed)));
    napi_ref reference;
    check(env, napi_create_reference(env, given[0], 1, &reference));
    auto borrowed = environment(env).borrowed;
    const auto giveBack = [borrowed, reference](void*) {
      std::lock_guard<std::mutex> lock(borrowed->mutex);
      if (!borrowed->closed) borrowed->returned.push_back(reference);
    };
    return tensorValue(env, at::from_blob(bytes.data, shape, giveBack, at::TensorOptions().dtype(dtype)));
  });
}

const at::Tensor& plainTensor(const at::Tensor& tensor) {
  if (!tensor.device().is_cpu()) throw std::invalid_argument("the tensor is on " + tensor.device().str() + ", its bytes are not at hand");
  if (!tensor.is_contiguous()) throw std::invalid_argument("the tensor is not contiguous");
  return tensor;
}

// toArrayBuffer(tensor): its memory as an ArrayBuffer, without a copy; the memory lives as long as either of the two.
napi_value toArrayBuffer(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const at::Tensor& tensor = plainTensor(tensorOf(env, given[0]));
    napi_value buffer;
    if (tensor.nbytes() == 0) {
      check(env, napi_create_arraybuffer(env, 0, nullptr, &buffer));
      return buffer;
    }
    auto* keeper = new at::Tensor(tensor);
    const napi_status status = napi_create_external_arraybuffer(
        env, tensor.data_ptr(), tensor.nbytes(), [](napi_env, void*, void* hint) { delete static_cast<at::Tensor*>(hint); }, keeper, &buffer);
    if (status != napi_ok) delete keeper;
    check(env, status);
    return buffer;
  });
}

// copyOut(tensor, typedArray): copies its elements.
napi_value copyOut(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const at::Tensor& tensor = plainTensor(tensorOf(env, given[0]));
    const Bytes bytes = bytesOf(env, given[1]);
    if (bytes.length != tensor.nbytes()) throw std::invalid_argument("the tensor has " + std::to_string(tensor.nbytes()) + " bytes, the array " + std::to_string(bytes.length));
    if (bytes.length > 0) std::memcpy(bytes.data, tensor.data_ptr(), bytes.length);
    return undefinedValue(env);
  });
}

template <typename Read>
napi_value fact(napi_env env, napi_callback_info info, Read read) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    return read(tensorOf(env, given[0]));
  });
}

napi_value shape(napi_env env, napi_callback_info info) {
  return fact(env, info, [&](const at::Tensor& t) { return integersValue(env, t.sizes()); });
}
napi_value strides(napi_env env, napi_callback_info info) {
  return fact(env, info, [&](const at::Tensor& t) { return integersValue(env, t.strides()); });
}
napi_value dtype(napi_env env, napi_callback_info info) {
  return fact(env, info, [&](const at::Tensor& t) { return stringValue(env, dtypeName(t.scalar_type())); });
}
napi_value device(napi_env env, napi_callback_info info) {
  return fact(env, info, [&](const at::Tensor& t) { return stringValue(env, t.device().str()); });
}
napi_value isContiguous(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    return booleanValue(env, tensorOf(env, given[0]).is_contiguous(static_cast<at::MemoryFormat>(wordOf(env, Word::memoryFormat, given[1]))));
  });
}

// storage(tensor): [address, offset in elements, bytes]; two tensors with one address share their memory.
napi_value storage(napi_env env, napi_callback_info info) {
  return fact(env, info, [&](const at::Tensor& t) {
    napi_value facts;
    check(env, napi_create_array_with_length(env, 3, &facts));
    const double values[] = {static_cast<double>(reinterpret_cast<uintptr_t>(t.storage().data())), static_cast<double>(t.storage_offset()), static_cast<double>(t.storage().nbytes())};
    for (uint32_t i = 0; i < 3; i++) check(env, napi_set_element(env, facts, i, numberValue(env, values[i])));
    return facts;
  });
}

// alias(tensor): a second handle on the same tensor.
napi_value alias(napi_env env, napi_callback_info info) {
  return fact(env, info, [&](const at::Tensor& t) { return tensorValue(env, t); });
}

void letGo(napi_env env, Environment& own, double handle) {
  int64_t tracked = 0;
  own.tensors.release(handle, &tracked);
  int64_t total;
  if (tracked > 0) napi_adjust_external_memory(env, -tracked, &total);
}

napi_value release(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    letGo(env, environment(env), numberOf(env, given[0]));
    return undefinedValue(env);
  });
}

// releaseAll(handles: Float64Array, count): one crossing for a whole scope.
napi_value releaseAll(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const Bytes bytes = bytesOf(env, given[0]);
    const auto count = static_cast<size_t>(integerOf(env, given[1]));
    if (count > bytes.length / sizeof(double)) throw std::invalid_argument("releaseAll: fewer handles than that");
    Environment& own = environment(env);
    for (size_t i = 0; i < count; i++) letGo(env, own, static_cast<const double*>(bytes.data)[i]);
    returnBorrowed(env);
    return undefinedValue(env);
  });
}

// track(tensor): tells V8 the size of a tensor that only garbage collection will free.
napi_value track(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const int64_t bytes = environment(env).tensors.track(numberOf(env, given[0]));
    int64_t total;
    if (bytes > 0) napi_adjust_external_memory(env, bytes, &total);
    return undefinedValue(env);
  });
}

napi_value liveTensors(napi_env env, napi_callback_info) {
  return guarded(env, [&] { return numberValue(env, static_cast<double>(environment(env).tensors.live())); });
}

}  // namespace

void initTensor(napi_env env, napi_value exports) {
  define(env, exports, "fromBuffer", fromBuffer);
  define(env, exports, "toArrayBuffer", toArrayBuffer);
  define(env, exports, "copyOut", copyOut);
  define(env, exports, "shape", shape);
  define(env, exports, "strides", strides);
  define(env, exports, "dtype", dtype);
  define(env, exports, "device", device);
  define(env, exports, "isContiguous", isContiguous);
  define(env, exports, "storage", storage);
  define(env, exports, "alias", alias);
  define(env, exports, "release", release);
  define(env, exports, "releaseAll", releaseAll);
  define(env, exports, "track", track);
  define(env, exports, "liveTensors", liveTensors);
}

}  // namespace singleshot
