// SPDX-License-Identifier: MIT
//
// Words that a spreadsheet would take for formulas.
#pragma once

#include <string>
#include <string_view>

namespace astrom3 {

/// `text` with an apostrophe before it if it begins with = + - @, tab or carriage return: a spreadsheet
/// then shows it and computes nothing (OWASP, "CSV injection").
inline std::string as_spreadsheet_text(std::string text) {
  constexpr std::string_view kFormulas = "=+-@\t\r";
  if (!text.empty() && kFormulas.find(text.front()) != std::string_view::npos) text.insert(0, 1, '\'');
  return text;
}

}  // namespace astrom3
