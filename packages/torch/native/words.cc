// Words for what libtorch numbers: dtypes, memory formats, layouts, reductions.
#include "addon.h"

#include <ATen/core/Reduction.h>

#include <array>
#include <unordered_map>

namespace singleshot {
namespace {
struct Dtype {
  const char* name;
  at::ScalarType type;
};
constexpr Dtype kDtypes[] = {
    {"uint8", at::kByte},        {"int8", at::kChar},           {"int16", at::kShort},
    {"int32", at::kInt},         {"int64", at::kLong},          {"float16", at::kHalf},
    {"float32", at::kFloat},     {"float64", at::kDouble},      {"complex64", at::kComplexFloat},
    {"bool", at::kBool},         {"complex128", at::kComplexDouble}, {"bfloat16", at::kBFloat16},
};

struct Words {
  const char* what;
  std::unordered_map<std::string, int64_t> codes;
};

std::array<Words, 4> makeWords() {
  const auto number = [](auto value) { return static_cast<int64_t>(value); };
  Words dtypes{"dtype", {}};
  for (const Dtype& dtype : kDtypes) dtypes.codes[dtype.name] = number(dtype.type);
  return {
      dtypes,
      Words{"memory format",
            {{"contiguous", number(at::MemoryFormat::Contiguous)},
             {"preserve", number(at::MemoryFormat::Preserve)},
             {"channelsLast", number(at::MemoryFormat::ChannelsLast)}}},
      Words{"layout", {{"strided", number(at::Layout::Strided)}}},
      Words{"reduction", {{"none", at::Reduction::None}, {"mean", at::Reduction::Mean}, {"sum", at::Reduction::Sum}}},
  };
}
}  // namespace

const char* dtypeName(at::ScalarType type) {
  for (const Dtype& dtype : kDtypes)
    if (dtype.type == type) return dtype.name;
  return "unsupported";
}

int64_t codeOf(Word kind, const std::string& word) {
  static const auto words = makeWords();
  const auto& [what, codes] = words[static_cast<size_t>(kind)];
  const auto found = codes.find(word);
  if (found == codes.end()) throw std::invalid_argument("'" + word + "' is no " + what);
  return found->second;
}

int64_t wordOf(napi_env env, Word kind, napi_value value) { return codeOf(kind, stringOf(env, value)); }

}  // namespace singleshot
