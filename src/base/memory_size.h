// SPDX-License-Identifier: MIT
//
// Sizes of files, which have 64 bits everywhere, as sizes in memory, which have 32 bits in a browser.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>

namespace astrom3 {

/// n as a size in memory; throws std::bad_alloc, as for any other size that memory cannot hold.
inline std::size_t memory_size(std::uint64_t n) {
  if (n > std::numeric_limits<std::size_t>::max()) throw std::bad_alloc();
  return static_cast<std::size_t>(n);
}

}  // namespace astrom3
