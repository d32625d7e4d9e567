// SPDX-License-Identifier: MIT
#include "source/column_names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
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

bool is_error_word(std::string_view word) {
  return std::find(kErrorWords.begin(), kErrorWords.end(), word) != kErrorWords.end();
}

/// "[mJy]" or "(mJy)" at the end of `name` is taken off and returned without the brackets.
std::string take_brackets(std::string_view& name) {
  if (name.empty()) return {};
  const char close = name.back();
  if (close != ')' && close != ']') return {};
  std::size_t open = name.size() - 1;
  for (int depth = 1; depth > 0 && open > 0;) {
    --open;
    if (name[open] == close) ++depth;
    if (name[open] == (close == ')' ? '(' : '[')) --depth;
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
  parsed.base.clear();
  for (const std::string_view word : words) {
    if (!parsed.base.empty()) parsed.base += '_';
    parsed.base += word;
  }
}

}  // namespace

ColumnName parse_column_name(std::string_view name) {
  ColumnName parsed;
  if (name.size() > kLongestColumnName) return parsed;
  name = trimmed(name);
  parsed.unit = take_brackets(name);
  parsed.base = folded_name(name);
  std::replace_if(
      parsed.base.begin(), parsed.base.end(), [](char c) { return c == ' ' || c == '\t' || c == '-'; }, '_');
  if (parsed.unit.empty()) take_flux_unit(parsed);
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
