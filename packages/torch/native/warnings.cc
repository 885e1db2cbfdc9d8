// What libtorch warns of is said once: operators that are called at every step would repeat it at every step.
#include "addon.h"

#include <c10/util/Exception.h>
#include <torch/version.h>

#include <unordered_set>

namespace singleshot {
namespace {

class EachOnce : public c10::WarningHandler {
 public:
#if TORCH_VERSION_MAJOR >= 2
  void process(const c10::Warning& warning) override {
    if (isNew(warning.msg())) c10::WarningHandler::process(warning);
  }
#else
  void process(const c10::SourceLocation& place, const std::string& text, const bool verbatim) override {
    if (isNew(text)) c10::WarningHandler::process(place, text, verbatim);
  }
#endif

 private:
  bool isNew(const std::string& text) {
    std::lock_guard<std::mutex> lock(mutex_);
    return said_.insert(text).second;
  }

  std::mutex mutex_;
  std::unordered_set<std::string> said_;
};

}  // namespace

void warnOnce() {
  static auto& handler = *new EachOnce();  // of all threads; libtorch knows one for each
#if TORCH_VERSION_MAJOR >= 2
  c10::WarningUtils::set_warning_handler(&handler);
#else
  c10::Warning::set_warning_handler(&handler);
#endif
}

}  // namespace singleshot
