// SPDX-License-Identifier: MIT
//
// Asks the system for the pages of new memory before they are written.
#pragma once

#include <cstddef>

namespace astrom3 {

/// Asks the system for the pages of [p, p + n) at once. Each would otherwise be a fault of its own when it is
/// first written, which on virtual machines costs more than writing it. Only speed depends on it: content
/// stays as it is, and where the system cannot (Linux before 5.14) nothing happens.
void touch_ahead(void* p, std::size_t n) noexcept;

}  // namespace astrom3
