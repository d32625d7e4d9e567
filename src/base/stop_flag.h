// SPDX-License-Identifier: MIT
//
// Numbers shared with a caller who reads or writes them while the call runs.
#pragma once

#include <atomic>
#include <cstdint>

namespace astrom3 {

/// Whether the caller wants the call to end: `stop` is not null and not 0. Another thread or a signal may set
/// it.
inline bool is_set(const std::int32_t* stop) noexcept {
  return stop != nullptr &&
         std::atomic_ref<std::int32_t>(*const_cast<std::int32_t*>(stop)).load(std::memory_order_relaxed) != 0;
}

/// Tells the caller how far the call has come; `progress` may be null.
inline void report(std::int64_t* progress, std::int64_t value) noexcept {
  if (progress != nullptr) std::atomic_ref<std::int64_t>(*progress).store(value, std::memory_order_relaxed);
}

}  // namespace astrom3
