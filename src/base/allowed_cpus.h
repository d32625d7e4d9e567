// SPDX-License-Identifier: MIT
//
// The CPUs that the system lets this process use.
#pragma once

#include <cstddef>

namespace astrom3 {

/// At least 1, and in a browser no more. Linux: the affinity mask, and the limit of the control groups,
/// rounded up. macOS has neither: the CPUs of the machine.
std::size_t allowed_cpus();

}  // namespace astrom3
