// Any operator of libtorch through its dispatcher; arguments are converted by the operator's own schema.
#include "addon.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>

#include <cmath>
#include <sstream>
#include <unordered_map>

namespace singleshot {

using c10::IValue;
using c10::TypeKind;

// One argument of an operator: what its conversion needs, read off the schema once.
struct Parameter {
  TypeKind kind;           // of T where the schema says T?
  bool optional;
  bool reduction;          // an int that has words
  const c10::Type* type;   // T itself
  const IValue* fallback;  // its default, or null
};

struct Operator {
  c10::OperatorHandle handle;
  const c10::FunctionSchema* schema;
  std::string name;
  std::vector<Parameter> parameters;
};

namespace {

Parameter parameterOf(const c10::Argument& argument) {
  const c10::Type* type = argument.real_type().get();  // ScalarType, where type() says int
  const bool optional = type->kind() == TypeKind::OptionalType;
  if (optional) type = type->castRaw<c10::OptionalType>()->getElementType().get();
  return {type->kind(), optional, argument.name() == "reduction", type, argument.default_value().has_value() ? &*argument.default_value() : nullptr};
}

Operator describeOperator(const c10::OperatorHandle& handle, const std::string& name) {
  Operator op{handle, &handle.schema(), name, {}};
  for (const auto& argument : op.schema->arguments()) op.parameters.push_back(parameterOf(argument));
  return op;
}

// Found once for the process, by whichever thread asks first; never removed. Null if this libtorch has no such operator.
const Operator* findOperator(const std::string& name, const std::string& overload) {
  static std::mutex mutex;
  static std::unordered_map<std::string, Operator> known;  // its elements never move
  const std::string full = overload.empty() ? name : name + "." + overload;
  std::lock_guard<std::mutex> lock(mutex);
  const auto found = known.find(full);
  if (found != known.end()) return &found->second;
  const auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
  return handle.has_value() ? &known.emplace(full, describeOperator(*handle, full)).first->second : nullptr;
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
  double number;
  if (napi_get_value_double(env, value, &number) == napi_ok) {
    const bool integer = number == std::trunc(number) && std::fabs(number) < 9007199254740992.0 && !(number == 0 && std::signbit(number));
    return integer ? at::Scalar(static_cast<int64_t>(number)) : at::Scalar(number);
  }
  const napi_valuetype type = typeOf(env, value);
  if (type == napi_boolean) return at::Scalar(booleanOf(env, value));
  if (type == napi_bigint) return at::Scalar(integerOf(env, value));
  throw std::invalid_argument("a number was expected");
}

bool isArray(napi_env env, napi_value value) {
  bool array = false;
  check(env, napi_is_array(env, value, &array));
  return array;
}

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

IValue convert(napi_env env, napi_value value, const Parameter& parameter) {
  switch (parameter.kind) {
    case TypeKind::TensorType:
      return tensorOf(env, value);
    case TypeKind::IntType:
    case TypeKind::SymIntType:
      return parameter.reduction ? wordOf(env, Word::reduction, value) : integerOf(env, value);
    case TypeKind::ScalarTypeType:
      return wordOf(env, Word::dtype, value);
    case TypeKind::LayoutType:
      return wordOf(env, Word::layout, value);
    case TypeKind::MemoryFormatType:
      return wordOf(env, Word::memoryFormat, value);
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
      return convertList(env, value, *parameter.type->castRaw<c10::ListType>()->getElementType());
    default:
      throw std::invalid_argument("arguments of type " + parameter.type->str() + " are not supported");
  }
}

IValue argumentOf(napi_env env, Environment& own, napi_value value, const Parameter& parameter) {
  double handle;  // the common case first
  if (parameter.kind == TypeKind::TensorType && napi_get_value_double(env, value, &handle) == napi_ok) return own.tensors.get(handle);
  const napi_valuetype given = typeOf(env, value);
  if (given == napi_undefined && parameter.fallback != nullptr) return *parameter.fallback;
  if (given == napi_undefined) throw std::invalid_argument("missing");
  if (given == napi_null && parameter.optional) return IValue();
  return convert(env, value, parameter);
}

napi_value resultOf(napi_env env, Environment& own, IValue& value) {
  if (value.isTensor()) {
    at::Tensor tensor = std::move(value).toTensor();
    return tensor.defined() ? numberValue(env, own.tensors.add(std::move(tensor))) : nullValue(env);
  }
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

napi_value results(napi_env env, Environment& own, std::vector<IValue>& stack) {
  if (stack.size() == 1) return resultOf(env, own, stack[0]);
  napi_value array;
  check(env, napi_create_array_with_length(env, stack.size(), &array));
  for (uint32_t i = 0; i < stack.size(); i++) check(env, napi_set_element(env, array, i, resultOf(env, own, stack[i])));
  return array;
}

// Converts the arguments and calls; afterwards the stack holds the results.
void run(napi_env env, Environment& own, const Operator& op, const Arguments& given, std::vector<IValue>& stack) {
  const size_t count = op.parameters.size();
  if (given.count - 1 > count) throw std::invalid_argument("takes " + std::to_string(count) + " arguments, not " + std::to_string(given.count - 1));
  size_t i = 0;
  try {
    for (; i < count; i++) stack.push_back(argumentOf(env, own, given[i + 1], op.parameters[i]));
  } catch (const std::exception& error) {
    throw std::invalid_argument("argument '" + op.schema->arguments()[i].name() + "': " + describe(error));
  }
  op.handle.callBoxed(stack);
}

const Operator& operatorOf(napi_env env, const Environment& own, napi_value value) {
  int64_t id = -1;
  napi_get_value_int64(env, value, &id);
  if (id < 0 || static_cast<size_t>(id) >= own.operators.size()) throw std::invalid_argument("no such operator in this libtorch");
  return *own.operators[id];
}

// The environment's stack, taken out of it: reading an argument may run a getter that calls an operator of its own.
struct BorrowedStack {
  explicit BorrowedStack(Environment& environment) : own(environment) { values.swap(own.stack); }
  ~BorrowedStack() {
    values.clear();
    values.swap(own.stack);
  }
  Environment& own;
  std::vector<IValue> values;
};

napi_value callWith(napi_env env, napi_callback_info info, bool keepResults) {
  return guarded(env, [&]() -> napi_value {
    const Arguments given(env, info);
    Environment& own = environment(env);
    const Operator& op = operatorOf(env, own, given[0]);
    BorrowedStack stack(own);
    try {
      run(env, own, op, given, stack.values);
      const napi_value result = keepResults ? results(env, own, stack.values) : undefinedValue(env);
      if (own.recorder != nullptr) tellRecorder(env, own, given, result);
      return result;
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

// op(name, overload): its number in this thread, or -1 if this libtorch has no such operator.
napi_value op(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    const Operator* found = findOperator(stringOf(env, given[0]), stringOf(env, given[1]));
    if (found == nullptr) return numberValue(env, -1);
    auto& operators = environment(env).operators;
    operators.push_back(found);
    return numberValue(env, static_cast<double>(operators.size() - 1));
  });
}

// schema(operator): as libtorch prints it, for the generator and for error messages.
napi_value schema(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const Arguments given(env, info);
    std::ostringstream text;
    text << *operatorOf(env, environment(env), given[0]).schema;
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
