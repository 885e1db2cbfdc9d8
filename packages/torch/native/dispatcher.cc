// Any operator of libtorch through its dispatcher; arguments are converted by the operator's own schema.
#include "addon.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>

#include <cmath>
#include <deque>
#include <sstream>
#include <unordered_map>

namespace singleshot {
namespace {

using c10::IValue;
using c10::TypeKind;

struct Operator {
  c10::OperatorHandle handle;
  const c10::FunctionSchema* schema;
  std::string name;
};

// Shared by all threads: operators are found once for the process.
struct Registry {
  std::mutex mutex;
  std::deque<Operator> operators;  // a deque: elements never move
  std::unordered_map<std::string, size_t> index;
};

Registry& registry() {
  static Registry instance;
  return instance;
}

std::string messageFor(const Operator& op, napi_env env, const Arguments& given, const std::string& problem) {
  std::ostringstream shapes;
  size_t count = 0;
  const auto& arguments = op.schema->arguments();
  for (size_t i = 0; i < arguments.size() && i + 1 < given.count; i++) {
    double handle;
    if (arguments[i].type()->kind() != TypeKind::TensorType || napi_get_value_double(env, given[i + 1], &handle) != napi_ok) continue;
    try {
      const at::Tensor& tensor = environment(env).tensors.get(handle);
      shapes << (count++ == 0 ? "; got " : " and ") << tensor.sizes();
      if (tensor.scalar_type() != at::kFloat) shapes << " " << dtypeName(tensor.scalar_type());
    } catch (const std::exception&) {
      continue;
    }
  }
  std::string firstLine = problem.substr(0, problem.find('\n'));
  while (!firstLine.empty() && (firstLine.back() == '.' || firstLine.back() == ' ')) firstLine.pop_back();
  if (!firstLine.empty() && firstLine[0] == 'T' && firstLine.compare(0, 4, "The ") == 0) firstLine[0] = 't';
  return op.name + ": " + firstLine + shapes.str();
}

template <typename T, typename Read>
c10::List<T> listOf(napi_env env, napi_value value, Read read) {
  c10::List<T> list;
  const uint32_t length = lengthOf(env, value);
  list.reserve(length);
  for (uint32_t i = 0; i < length; i++) list.push_back(read(elementOf(env, value, i)));
  return list;
}

at::Scalar scalarOf(napi_env env, napi_value value) {
  const napi_valuetype type = typeOf(env, value);
  if (type == napi_boolean) return at::Scalar(booleanOf(env, value));
  if (type == napi_bigint) return at::Scalar(integerOf(env, value));
  const double number = numberOf(env, value);
  const bool integer = number == std::trunc(number) && std::fabs(number) < 9007199254740992.0 && !(number == 0 && std::signbit(number));
  return integer ? at::Scalar(static_cast<int64_t>(number)) : at::Scalar(number);
}

bool isArray(napi_env env, napi_value value) {
  bool array = false;
  check(env, napi_is_array(env, value, &array));
  return array;
}

IValue convert(napi_env env, napi_value value, const c10::Type& type);

IValue convertList(napi_env env, napi_value value, const c10::Type& element) {
  switch (element.kind()) {
    case TypeKind::TensorType:
      return listOf<at::Tensor>(env, value, [&](napi_value v) { return tensorOf(env, v); });
    case TypeKind::IntType:
    case TypeKind::SymIntType:
      if (!isArray(env, value)) return c10::List<int64_t>({integerOf(env, value)});
      return listOf<int64_t>(env, value, [&](napi_value v) { return integerOf(env, v); });
    case TypeKind::FloatType:
      return listOf<double>(env, value, [&](napi_value v) { return numberOf(env, v); });
    case TypeKind::BoolType:
      return listOf<bool>(env, value, [&](napi_value v) { return booleanOf(env, v); });
    case TypeKind::NumberType:
      return listOf<at::Scalar>(env, value, [&](napi_value v) { return scalarOf(env, v); });
    case TypeKind::OptionalType:
      return listOf<c10::optional<at::Tensor>>(env, value, [&](napi_value v) { return isNullish(env, v) ? c10::optional<at::Tensor>() : c10::optional<at::Tensor>(tensorOf(env, v)); });
    default:
      throw std::invalid_argument("arguments of type " + element.str() + "[] are not supported");
  }
}

IValue convert(napi_env env, napi_value value, const c10::Type& type) {
  switch (type.kind()) {
    case TypeKind::TensorType:
      return tensorOf(env, value);
    case TypeKind::OptionalType:
      if (isNullish(env, value)) return IValue();
      return convert(env, value, *type.castRaw<c10::OptionalType>()->getElementType());
    case TypeKind::IntType:
    case TypeKind::SymIntType:
    case TypeKind::ScalarTypeType:
    case TypeKind::LayoutType:
    case TypeKind::MemoryFormatType:
      return integerOf(env, value);
    case TypeKind::FloatType:
      return numberOf(env, value);
    case TypeKind::BoolType:
      return booleanOf(env, value);
    case TypeKind::NumberType:
      return scalarOf(env, value);
    case TypeKind::StringType:
      return stringOf(env, value);
    case TypeKind::DeviceObjType:
      return c10::Device(stringOf(env, value));
    case TypeKind::GeneratorType: {
      const auto& generators = environment(env).generators;
      const int64_t index = integerOf(env, value);
      if (index < 0 || static_cast<size_t>(index) >= generators.size()) throw std::invalid_argument("a generator was expected");
      return generators[index];
    }
    case TypeKind::ListType:
      return convertList(env, value, *type.castRaw<c10::ListType>()->getElementType());
    default:
      throw std::invalid_argument("arguments of type " + type.str() + " are not supported");
  }
}

napi_value resultOf(napi_env env, IValue& value) {
  if (value.isTensor()) return tensorValue(env, std::move(value).toTensor());
  if (value.isNone()) return nullValue(env);
  if (value.isInt()) return numberValue(env, static_cast<double>(value.toInt()));
  if (value.isDouble()) return numberValue(env, value.toDouble());
  if (value.isBool()) return booleanValue(env, value.toBool());
  if (value.isString()) return stringValue(env, value.toStringRef());
  if (value.isIntList()) return integersValue(env, value.toIntVector());
  if (value.isTensorList()) {
    const auto tensors = value.toTensorVector();
    napi_value array;
    check(env, napi_create_array_with_length(env, tensors.size(), &array));
    for (uint32_t i = 0; i < tensors.size(); i++) check(env, napi_set_element(env, array, i, tensorValue(env, tensors[i])));
    return array;
  }
  throw std::runtime_error("results of type " + value.tagKind() + " are not supported");
}

napi_value results(napi_env env, c10::Stack& stack) {
  if (stack.size() == 1) return resultOf(env, stack[0]);
  napi_value array;
  check(env, napi_create_array_with_length(env, stack.size(), &array));
  for (uint32_t i = 0; i < stack.size(); i++) check(env, napi_set_element(env, array, i, resultOf(env, stack[i])));
  return array;
}

void run(napi_env env, const Operator& op, const Arguments& given, c10::Stack& stack) {
  const auto& arguments = op.schema->arguments();
  if (given.count - 1 > arguments.size()) throw std::invalid_argument("takes " + std::to_string(arguments.size()) + " arguments, not " + std::to_string(given.count - 1));
  stack.reserve(arguments.size());
  for (size_t i = 0; i < arguments.size(); i++) {
    const napi_value value = given[i + 1];
    if (typeOf(env, value) != napi_undefined) {
      try {
        stack.push_back(convert(env, value, *arguments[i].type()));
      } catch (const std::exception& error) {
        throw std::invalid_argument("argument '" + arguments[i].name() + "': " + describe(error));
      }
    } else if (arguments[i].default_value().has_value()) {
      stack.push_back(*arguments[i].default_value());
    } else {
      throw std::invalid_argument("argument '" + arguments[i].name() + "' is missing");
    }
  }
  op.handle.callBoxed(stack);
}

const Operator& operatorOf(napi_env env, const Arguments& given) {
  const int64_t id = integerOf(env, given[0]);
  Registry& known = registry();
  if (id < 0 || static_cast<size_t>(id) >= known.operators.size()) throw std::invalid_argument("no such operator in this libtorch");
  return known.operators[id];
}

napi_value callWith(napi_env env, napi_callback_info info, bool keepResults) {
  return guarded(env, [&]() -> napi_value {
    const Arguments given(env, info);
    const Operator& op = operatorOf(env, given);
    try {
      c10::Stack stack;
      run(env, op, given, stack);
      return keepResults ? results(env, stack) : undefinedValue(env);
    } catch (const JsException&) {
      throw;
    } catch (const std::exception& error) {
      throw std::runtime_error(messageFor(op, env, given, describe(error)));
    }
  });
}

// call(operator, ...arguments): the result, or an array of results.
napi_value call(napi_env env, napi_callback_info info) { return callWith(env, info, true); }

// The same for operators that write into their arguments: what they return is dropped, no handle is made.
napi_value callInPlace(napi_env env, napi_callback_info info) { return callWith(env, info, false); }

// op(name, overload): its number, or -1 if this libtorch has no such operator.
napi_value op(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const std::string name = stringOf(env, given[0]), overload = stringOf(env, given[1]);
    const std::string full = overload.empty() ? name : name + "." + overload;
    Registry& known = registry();
    std::lock_guard<std::mutex> lock(known.mutex);
    const auto found = known.index.find(full);
    if (found != known.index.end()) return numberValue(env, static_cast<double>(found->second));
    const auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
    if (!handle.has_value()) return numberValue(env, -1);
    known.operators.push_back({*handle, &handle->schema(), full});
    known.index[full] = known.operators.size() - 1;
    return numberValue(env, static_cast<double>(known.operators.size() - 1));
  });
}

// schema(operator): as libtorch prints it, for the generator and for error messages.
napi_value schema(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    std::ostringstream text;
    text << *operatorOf(env, given).schema;
    return stringValue(env, text.str());
  });
}

}  // namespace

void initDispatcher(napi_env env, napi_value exports) {
  define(env, exports, "op", op);
  define(env, exports, "schema", schema);
  define(env, exports, "call", call);
  define(env, exports, "callInPlace", callInPlace);
}

}  // namespace singleshot
