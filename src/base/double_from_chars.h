// SPDX-License-Identifier: MIT
//
// std::from_chars of a double, also for standard libraries that do not have it yet (libc++ before 20).
#pragma once

#include <charconv>

namespace astrom3 {

/// The decimal number at the start of [first, last), correctly rounded, whatever the locale; as
/// std::from_chars.
std::from_chars_result double_from_chars(const char* first, const char* last, double& value) noexcept;

}  // namespace astrom3
