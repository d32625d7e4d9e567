// SPDX-License-Identifier: MIT
//
// Asks the system for the pages of new memory before they are written.
#pragma once

#include <cstddef>

namespace astrom3 {

/// Asks the system for the pages of [p, p + n) at once. Otherwise each page causes a page fault when it is
/// first written, which on virtual machines costs more than writing it. Only speed depends on this: the
/// content does not change, and if the system cannot do it (Linux before 5.14), nothing happens.
void touch_ahead(void* p, std::size_t n) noexcept;

}  // namespace astrom3
