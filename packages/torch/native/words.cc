// Words for the integers that schemas use: dtypes, memory formats, layouts, reductions.
#include "addon.h"

#include <ATen/core/Reduction.h>

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

std::unordered_map<std::string, int64_t> makeCodes() {
  std::unordered_map<std::string, int64_t> codes;
  for (const Dtype& dtype : kDtypes) codes[dtype.name] = static_cast<int64_t>(dtype.type);
  codes["contiguous"] = static_cast<int64_t>(at::MemoryFormat::Contiguous);
  codes["preserve"] = static_cast<int64_t>(at::MemoryFormat::Preserve);
  codes["channelsLast"] = static_cast<int64_t>(at::MemoryFormat::ChannelsLast);
  codes["strided"] = static_cast<int64_t>(at::Layout::Strided);
  codes["none"] = at::Reduction::None;
  codes["mean"] = at::Reduction::Mean;
  codes["sum"] = at::Reduction::Sum;
  return codes;
}
}  // namespace

const char* dtypeName(at::ScalarType type) {
  for (const Dtype& dtype : kDtypes)
    if (dtype.type == type) return dtype.name;
  return "unsupported";
}

bool codeOf(const std::string& word, int64_t* code) {
  static const auto codes = makeCodes();
  const auto found = codes.find(word);
  if (found == codes.end()) return false;
  *code = found->second;
  return true;
}

}  // namespace singleshot
