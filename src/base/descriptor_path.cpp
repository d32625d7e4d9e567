// SPDX-License-Identifier: MIT
#include "base/descriptor_path.h"

#include <fmt/format.h>

#include <filesystem>

namespace astrom3 {

std::filesystem::path path_of_descriptor(int descriptor) {
#ifdef __APPLE__
  return fmt::format("/dev/fd/{}", descriptor);
#else
  return fmt::format("/proc/self/fd/{}", descriptor);
#endif
}

}  // namespace astrom3
