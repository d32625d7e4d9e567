// SPDX-License-Identifier: MIT
#include "source/header_notes.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/number.h"
#include "formats/table_header.h"
#include "source/column_names.h"
#include "source/units.h"

namespace astrom3 {
namespace {

constexpr std::size_t kLongestNote = 200;
constexpr std::array<std::string_view, 10> kCounts{
    "adu", "counts", "cts", "dn", "electron", "electrons", "e-/s", "maggies", "normalized", "normalised"};

bool has_digit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// "ZP = 23.9", "magzero 25", "zero point: 27.5"
bool names_zero_point(std::string_view folded) {
  constexpr std::array<std::string_view, 7> kNames{"zero point", "zero-point", "zeropoint", "magzero",
                                                   "zeropt",     "magzp",      "photzp"};
  for (const std::string_view name : kNames) {
    const std::size_t at = folded.find(name);
    if (at != std::string_view::npos && has_digit(folded.substr(at))) return true;
  }
  return (has_word(folded, "zp") || has_word(folded, "zpt")) && has_digit(folded.substr(folded.find("zp")));
}

/// "flux in microJansky", "units: adu"
bool names_other_unit(std::string_view folded) {
  if (!has_word(folded, "flux") && !has_word(folded, "fluxes") && !has_word(folded, "unit") &&
      !has_word(folded, "units"))
    return false;
  const auto is_in_line = [&](std::string_view word) { return has_word(folded, word); };
  if (std::any_of(kCounts.begin(), kCounts.end(), is_in_line)) return true;
  for (std::size_t begin = 0; begin < folded.size();) {
    const std::size_t stop = std::min(folded.find_first_of(" \t,;:()[]=", begin), folded.size());
    const std::string_view word = folded.substr(begin, stop - begin);
    if (is_flux_unit(word) && parse_unit(word).scale != 1) return true;
    begin = stop + 1;
  }
  return false;
}

}  // namespace

std::optional<std::string> find_note_on_flux(std::string_view header) {
  while (!header.empty()) {
    const std::size_t stop = std::min(header.find_first_of("\r\n"), header.size());
    const std::string_view line = trimmed(header.substr(0, stop));
    header.remove_prefix(std::min(stop + 1, header.size()));
    if (line.empty() || std::string_view("#@%!\\").find(line.front()) == std::string_view::npos) continue;
    const std::string folded = folded_name(line.substr(0, kLongestNote));
    if (names_zero_point(folded) || names_other_unit(folded))
      return std::string(line.substr(0, kLongestNote));
  }
  return std::nullopt;
}

}  // namespace astrom3
