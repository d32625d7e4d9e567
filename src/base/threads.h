// SPDX-License-Identifier: MIT
//
// How many threads this process may use.
#pragma once

#include <cstddef>

namespace astrom3 {

/// The smallest of the affinity mask and the cgroup's CPU limit, at least 1. ASTROM3_NUM_THREADS,
/// then OMP_NUM_THREADS, override it if they hold a positive number.
std::size_t available_threads();

/// `requested`, or available_threads() if it is 0.
std::size_t resolve_threads(std::size_t requested);

}  // namespace astrom3
