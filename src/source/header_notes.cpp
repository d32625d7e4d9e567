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
constexpr std::array<std::string_view, 12> kCounts{"adu",      "counts",    "cts",        "dn",
                                                   "electron", "electrons", "e-/s",       "maggies",
                                                   "erg",      "ergs",      "normalized", "normalised"};
/// What makes a flux of another size of it.
constexpr std::array<std::string_view, 4> kScaled{"scaled", "multiplied", "divided", "relative"};
constexpr std::array<std::string_view, 8> kErrors{"error",       "errors",        "err",    "errs",
                                                  "uncertainty", "uncertainties", "magerr", "fluxerr"};
constexpr std::array<std::string_view, 5> kMagnitudeWords{"mag", "mags", "magnitude", "magnitudes",
                                                          "photometry"};

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

template <std::size_t N>
bool has_any_word(std::string_view folded, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return has_word(folded, word); });
}

/// A power of ten before a digit-free unit or behind a flux, as in "flux x 1e3" and "10^-15".
bool names_power_of_ten(std::string_view folded) {
  constexpr std::array<std::string_view, 6> kPowers{"1e-", "1e+", "10^", "10**", " x 1", "* 1"};
  return std::any_of(kPowers.begin(), kPowers.end(),
                     [&](std::string_view power) { return folded.find(power) != std::string_view::npos; });
}

/// "flux in microJansky", "units: adu", "fluxes scaled by 1000"
bool names_other_unit(std::string_view folded) {
  const bool is_of_flux = has_word(folded, "flux") || has_word(folded, "fluxes");
  if (!is_of_flux && !has_word(folded, "unit") && !has_word(folded, "units")) return false;
  if (has_any_word(folded, kCounts)) return true;
  if (is_of_flux && (has_any_word(folded, kScaled) || names_power_of_ten(folded))) return true;
  for (std::size_t begin = 0; begin < folded.size();) {
    const std::size_t stop = std::min(folded.find_first_of(" \t,;:()[]{}=\"'", begin), folded.size());
    const std::string_view word = folded.substr(begin, stop - begin);
    if (is_flux_unit(word) && parse_unit(word).scale != 1) return true;
    begin = stop + 1;
  }
  return false;
}

/// The next word of `text`, which may be a mark such as "=" or "["; it is taken off.
std::string_view take_word(std::string_view& text) {
  constexpr std::string_view kMarksAlone = "=:[](){},;\"'";
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const bool is_mark = !text.empty() && kMarksAlone.find(text.front()) != std::string_view::npos;
  const std::size_t stop = is_mark ? 1 : std::min(text.find_first_of(" \t=:[](){},;\"'"), text.size());
  const std::string_view word = text.substr(0, stop);
  text.remove_prefix(stop);
  return word;
}

/// Whether a unit other than days stands behind "time", as in "time in s", "time [h]" or "times: decimal
/// years".
bool is_in_other_unit(std::string_view behind) {
  constexpr std::array<std::string_view, 12> kBetween{"in", "is", "are", "unit", "units", "=",
                                                      ":",  "[",  "(",   "{",    "\"",    "'"};
  constexpr std::array<std::string_view, 3> kKinds{"decimal", "julian", "fractional"};
  bool is_joined = false;
  for (std::string_view word = take_word(behind); !word.empty(); word = take_word(behind)) {
    if (std::find(kBetween.begin(), kBetween.end(), word) != kBetween.end()) {
      is_joined = true;
    } else if (std::find(kKinds.begin(), kKinds.end(), word) == kKinds.end()) {
      const Unit unit = parse_unit(word);
      return is_joined && unit.kind == UnitKind::time && unit.scale != 1;
    }
  }
  return false;
}

/// "time in seconds since ...": a time of its own, not that of an exposure.
bool names_other_time(std::string_view folded) {
  constexpr std::array<std::string_view, 7> kOther{"exposure", "exp",     "integration", "dead",
                                                   "frame",    "cadence", "readout"};
  std::string_view before, rest = folded;
  while (!rest.empty()) {
    const std::string_view word = take_word(rest);
    const bool is_other = std::find(kOther.begin(), kOther.end(), before) != kOther.end();
    if ((word == "time" || word == "times" || word == "time_unit") && !is_other && is_in_other_unit(rest))
      return true;
    before = word;
  }
  return false;
}

/// "errors are 3 sigma", "uncertainty in percent"
bool names_other_errors(std::string_view folded) {
  if (!has_any_word(folded, kErrors)) return false;
  if (has_word(folded, "percent") || has_word(folded, "variance") || has_word(folded, "variances"))
    return true;
  const std::size_t at = folded.find("sigma");
  if (at == std::string_view::npos || at < 2) return false;
  const std::size_t digit = folded.find_last_not_of(" -_", at - 1);
  const bool is_alone =
      digit != std::string_view::npos && (digit == 0 || folded[digit - 1] == ' ' || folded[digit - 1] == '(');
  return is_alone && folded[digit] >= '2' && folded[digit] <= '9';
}

bool says(std::string_view folded, NoteOn what) {
  const bool is_of_magnitudes = has_any_word(folded, kMagnitudeWords) || has_word(folded, "system");
  switch (what) {
    case NoteOn::fluxes:
      return names_zero_point(folded) || names_other_unit(folded);
    case NoteOn::uncalibrated_magnitudes:
      if (has_word(folded, "mmag") || has_word(folded, "millimag")) return true;
      return is_of_magnitudes && (has_word(folded, "instrumental") || has_word(folded, "uncalibrated") ||
                                  has_word(folded, "differential"));
    case NoteOn::vega_magnitudes:
      return is_of_magnitudes && has_word(folded, "vega");
    case NoteOn::ab_magnitudes:
      return (is_of_magnitudes && has_word(folded, "ab")) || has_word(folded, "abmag");
    case NoteOn::times:
      return names_other_time(folded);
    case NoteOn::errors:
      return names_other_errors(folded);
  }
  return false;
}

}  // namespace

std::optional<std::string> find_note(std::string_view header, NoteOn what) {
  while (!header.empty()) {
    const std::size_t stop = std::min(header.find_first_of("\r\n"), header.size());
    const std::string_view line = trimmed(header.substr(0, stop));
    header.remove_prefix(std::min(stop + 1, header.size()));
    if (line.empty() || std::string_view("#@%!\\").find(line.front()) == std::string_view::npos) continue;
    const std::string folded = folded_name(line.substr(0, kLongestNote));
    if (says(folded, what)) return std::string(line.substr(0, kLongestNote));
  }
  return std::nullopt;
}

}  // namespace astrom3
