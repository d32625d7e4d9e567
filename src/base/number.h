// SPDX-License-Identifier: MIT
//
// A number in a text field: correctly rounded, in any locale; or the reason why the text is not a number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace astrom3 {

enum class NumberKind : std::uint8_t {
  number,        ///< finite
  missing,       ///< empty, NA, N/A, null, none, nan, INDEF, <NA>, "-", "--", "---", "?", "*" (any case)
  nonfinite,     ///< inf, or beyond the largest double
  upper_limit,   ///< ">17.2" or "<0.1"
  not_a_number,  ///< anything else
};

struct NumberStyle {
  char decimal = '.';       ///< ',' is the only other choice
  bool d_exponent = false;  ///< 2.45D6 means 2.45e6
};

struct ParsedNumber {
  NumberKind kind = NumberKind::not_a_number;
  double value = 0;  ///< valid when kind is number
};

/// The longest field that is read as a number.
inline constexpr std::size_t kMaxNumberLength = 1024;

/// Reads all of `text`, apart from spaces and tabs around it, as one decimal number. A leading
/// '+' is accepted; hexadecimal, thousands separators and trailing text are not. A number too
/// small for double is 0. The result is the double nearest to the decimal value.
ParsedNumber parse_number(std::string_view text, NumberStyle style = {}) noexcept;

/// `text` without the spaces and tabs around it.
std::string_view trimmed(std::string_view text) noexcept;

}  // namespace astrom3
