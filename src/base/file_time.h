// SPDX-License-Identifier: MIT
//
// When a file was written to last, as stat(2) says it.
#pragma once

#include <sys/stat.h>

#include <ctime>

namespace astrom3 {

inline std::timespec modification_time(const struct ::stat& status) noexcept {
#ifdef __APPLE__
  return status.st_mtimespec;
#else
  return status.st_mtim;
#endif
}

}  // namespace astrom3
