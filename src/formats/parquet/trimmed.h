// SPDX-License-Identifier: MIT
//
// Text without the blanks around it, for the module, which does not link the library.
#pragma once

#include <cstddef>
#include <string_view>

namespace astrom3 {

inline constexpr std::string_view kBlanks = " \t\r\n";

inline std::string_view trimmed_text(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

}  // namespace astrom3
