// SPDX-License-Identifier: MIT
#include "source/column_names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/number.h"
#include "formats/table_header.h"
#include "source/units.h"

namespace astrom3 {
namespace {

constexpr std::array<std::string_view, 6> kTimeScales{"_tdb", "_utc", "_tai", "_tcb", "_tt", "_ut"};
constexpr std::array<std::string_view, 9> kTimes{"hjd",  "bjd",  "jd",   "mjd", "hmjd",
                                                 "btjd", "bkjd", "time", "t"};
constexpr std::array<std::string_view, 8> kErrorWords{"err", "error", "unc",   "uncertainty",
                                                      "e",   "d",     "sigma", "std"};

constexpr std::array<std::string_view, 10> kMeasured{"flux", "fluxes", "mag",     "magnitude", "magerr",
                                                     "emag", "dmag",   "fluxerr", "eflux",     "dflux"};
/// What a flux is counted in or divided by: nobody knows how much that is.
constexpr std::array<std::string_view, 20> kCounted{
    "adu",      "dn",         "count",      "counts",     "cts", "cps",         "ct",
    "electron", "electrons",  "photons",    "relative",   "rel", "norm",        "normed",
    "ppt",      "normalised", "normalized", "instrument", "ppm", "instrumental"};
constexpr std::array<std::string_view, 5> kSmallMagnitudes{"mmag", "mmags", "millimag", "millimags", "umag"};

template <std::size_t N>
bool is_in(const std::array<std::string_view, N>& known, std::string_view word) {
  return std::find(known.begin(), known.end(), word) != known.end();
}

bool is_error_word(std::string_view word) {
  return is_in(kErrorWords, word);
}

/// "[mJy]", "(mJy)", "{mJy}" or "<mJy>" at the end of `name` is taken off and returned without the brackets.
std::string take_brackets(std::string_view& name) {
  constexpr std::string_view kOpen = "([{<", kClose = ")]}>";
  if (name.empty()) return {};
  const char close = name.back();
  const std::size_t kind = kClose.find(close);
  if (kind == std::string_view::npos) return {};
  std::size_t open = name.size() - 1;
  for (int depth = 1; depth > 0 && open > 0;) {
    --open;
    if (name[open] == close) ++depth;
    if (name[open] == kOpen[kind]) --depth;
  }
  if (open == 0) return {};
  std::string inside(trimmed(name.substr(open + 1, name.size() - open - 2)));
  name = trimmed(name.substr(0, open));
  return inside;
}

/// Whether `text` is an offset as "-2450000", "_2457000.0" or "-50000".
bool is_offset(std::string_view text) {
  if (text.empty() || text.front() != '_') return false;
  text.remove_prefix(text.find_first_not_of('_') == std::string_view::npos ? text.size()
                                                                           : text.find_first_not_of('_'));
  const ParsedNumber number = parse_number(text);
  return number.kind == NumberKind::number && number.value >= 10000;
}

/// "bjd_tdb" and "hjd_2450000" as "bjd" and "hjd"; "time_s" as "time" in s.
void strip_time(ColumnName& parsed) {
  for (const std::string_view time : kTimes) {
    if (parsed.base.size() <= time.size() || !parsed.base.starts_with(time)) continue;
    std::string_view rest = std::string_view(parsed.base).substr(time.size());
    for (const std::string_view scale : kTimeScales) {
      if (rest.starts_with(scale)) rest.remove_prefix(scale.size());
    }
    const bool has_unit = parsed.unit.empty() && rest.starts_with('_') && rest.size() > 1 &&
                          parse_unit(rest.substr(1)).kind == UnitKind::time;
    if (has_unit) parsed.unit = rest.substr(1);
    if (rest.empty() || has_unit || is_offset(rest)) {
      parsed.base.resize(time.size());
      return;
    }
  }
}

std::vector<std::string_view> words_of(std::string_view base) {
  std::vector<std::string_view> words;
  for (std::size_t begin = 0; begin <= base.size();) {
    const std::size_t stop = std::min(base.find('_', begin), base.size());
    if (stop > begin) words.push_back(base.substr(begin, stop - begin));
    begin = stop + 1;
  }
  return words;
}

/// Where "dujy", "ujyerr" and "fluxujy" are two words, one of them a unit of flux: 1, 3 and 4; 0 where `word`
/// is one. "mjy" is a unit, not the "jy" of an "m".
std::size_t end_of_first_word(std::string_view word) {
  std::size_t first = word.size();
  const auto cut_behind = [&](std::string_view head) {
    if (word.starts_with(head) && is_flux_unit(word.substr(head.size())))
      first = std::min(first, head.size());
  };
  cut_behind("flux");
  for (const std::string_view error : kErrorWords) {
    cut_behind(error);
    if (!word.ends_with(error)) continue;
    const std::size_t cut = word.size() - error.size();
    if (is_flux_unit(word.substr(0, cut))) first = std::min(first, cut);
  }
  return first == word.size() ? 0 : first;
}

/// The first unit of flux among `words`, of which one may be taken apart for it; their end where there is
/// none.
std::vector<std::string_view>::iterator find_flux_unit(std::vector<std::string_view>& words) {
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (is_flux_unit(*word)) return word;
    const std::size_t cut = end_of_first_word(*word);
    if (cut == 0) continue;
    const std::string_view tail = word->substr(cut);
    *word = word->substr(0, cut);
    word = words.insert(word + 1, tail);
    return is_flux_unit(tail) ? word : word - 1;
  }
  return words.end();
}

std::string joined_words(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += '_';
    text += word;
  }
  return text;
}

/// "flux/uJy", "err: mJy" and "time.h": a unit behind the name of a measurement is taken off and returned.
std::string take_unit_behind(std::string_view& name) {
  const std::size_t mark = name.find_last_of("/:.,");
  if (mark == std::string_view::npos || mark == 0) return {};
  const std::string_view unit = trimmed(name.substr(mark + 1));
  std::string head = folded_name(name.substr(0, mark));
  std::replace(head.begin(), head.end(), ' ', '_');
  const std::vector<std::string_view> words = words_of(head);
  const bool is_measured =
      !words.empty() && std::all_of(words.begin(), words.end(), [](std::string_view word) {
        return is_in(kMeasured, word) || is_in(kTimes, word) || is_error_word(word);
      });
  std::string folded = folded_name(unit);
  const bool is_unit = parse_unit(unit).kind != UnitKind::unknown || is_in(kCounted, folded);
  if (unit.empty() || !is_measured || !is_unit) return {};
  name = trimmed(name.substr(0, mark));
  return std::string(unit);
}

/// A word among those of a name that says what its numbers are counted in or divided by, as in "flux_adu";
/// and magnitudes in thousandths, as in "magerr_mmag".
void take_other_unit(ColumnName& parsed) {
  const std::string base = parsed.base;
  std::vector<std::string_view> words = words_of(base);
  const auto small =
      std::find_if(words.begin(), words.end(), [](std::string_view w) { return is_in(kSmallMagnitudes, w); });
  if (small != words.end()) {
    parsed.unit = *small;
    words.erase(small);
    const bool is_error = std::all_of(words.begin(), words.end(), is_error_word);
    parsed.base = words.empty() ? "mag" : is_error ? "mag_err" : joined_words(words);
    return;
  }
  const auto counted =
      std::find_if(words.begin(), words.end(), [](std::string_view w) { return is_in(kCounted, w); });
  if (counted == words.end()) return;
  const std::string unit(*counted);
  words.erase(counted);
  const auto is_flux = [](std::string_view word) { return word == "flux" || word == "fluxes"; };
  const bool has_flux = std::any_of(words.begin(), words.end(), is_flux);
  const auto is_plain = [&](std::string_view word) { return is_flux(word) || is_error_word(word); };
  const bool are_plain = std::all_of(words.begin(), words.end(), is_plain);
  if (!has_flux && !are_plain) return;
  parsed.unit = unit;
  if (has_flux && are_plain) parsed.base = joined_words(words);
}

/// The unit of flux among the words of a name; the rest of the name is that of a flux or its error.
void take_flux_unit(ColumnName& parsed) {
  if (!may_hold_flux_unit(parsed.base)) return;
  const std::string base = parsed.base;
  std::vector<std::string_view> words = words_of(base);
  const auto unit = find_flux_unit(words);
  if (unit == words.end()) return;
  parsed.unit = *unit;
  words.erase(unit);
  if (std::all_of(words.begin(), words.end(), is_error_word)) {
    parsed.base = words.empty() ? "flux" : "flux_err";
    return;
  }
  parsed.base = joined_words(words);
}

}  // namespace

ColumnName parse_column_name(std::string_view name) {
  ColumnName parsed;
  if (name.size() > kLongestColumnName) return parsed;
  name = trimmed(name);
  parsed.unit = take_brackets(name);
  if (parsed.unit.empty()) parsed.unit = take_unit_behind(name);
  parsed.base = folded_name(name);
  std::replace_if(
      parsed.base.begin(), parsed.base.end(), [](char c) { return c == ' ' || c == '\t' || c == '-'; }, '_');
  if (parsed.unit.empty()) take_flux_unit(parsed);
  if (parsed.unit.empty()) take_other_unit(parsed);
  strip_time(parsed);
  return parsed;
}

std::string squeezed_name(std::string_view name) {
  std::string squeezed = folded_name(name.substr(0, kLongestColumnName));
  std::erase_if(squeezed, [](char c) { return c == '_' || c == '-' || c == ' ' || c == '.'; });
  return squeezed;
}

bool has_word(std::string_view folded, std::string_view word) {
  const auto is_letter = [&](std::size_t i) {
    return i < folded.size() && std::isalnum(static_cast<unsigned char>(folded[i])) != 0;
  };
  for (std::size_t at = 0; (at = folded.find(word, at)) != std::string::npos; ++at) {
    if ((at == 0 || !is_letter(at - 1)) && !is_letter(at + word.size())) return true;
  }
  return false;
}

std::string ColumnLabels::unit_text(std::size_t i) const {
  if (i < units.size() && !units[i].empty()) return units[i];
  return i < names.size() ? parse_column_name(names[i]).unit : std::string{};
}

}  // namespace astrom3
