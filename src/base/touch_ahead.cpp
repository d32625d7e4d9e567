// SPDX-License-Identifier: MIT
#include "base/touch_ahead.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace astrom3 {

void touch_ahead(void* p, std::size_t n) noexcept {
#ifdef MADV_POPULATE_WRITE
  constexpr std::size_t kWorthACall = 64 * 1024;
  if (n < kWorthACall) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t begin = (reinterpret_cast<std::uintptr_t>(p) + page - 1) / page * page;
  const std::uintptr_t end = (reinterpret_cast<std::uintptr_t>(p) + n) / page * page;
  const int error = errno;
  // Large pages where the range holds some: a fault each for 2 MiB.
  constexpr std::size_t kHoldsLargePages = std::size_t{4} << 20;
  if (n >= kHoldsLargePages && end > begin)
    ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  if (end > begin) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_WRITE);
  errno = error;
#else
  static_cast<void>(p), static_cast<void>(n);
#endif
}

}  // namespace astrom3
