// What c10d's headers name of Gloo, for a libtorch that has Gloo inside but ships no headers of it. Nothing of it is made here: c10d does.
#pragma once
#include <chrono>

namespace gloo {

class Context {
 public:
  void setTimeout(std::chrono::milliseconds timeout);
};

}  // namespace gloo
