// Which libtorch this is compiled against, for what came with one of its versions.
#pragma once
#include <torch/version.h>

#define TORCH_FROM(major, minor) (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))
