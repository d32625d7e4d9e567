// SPDX-License-Identifier: MIT
#include "source/column_names.h"

#include <algorithm>
#include <array>

#include "base/number.h"
#include "formats/table_header.h"

namespace astrom3 {
namespace {

struct NamedUnit {
  std::string_view name;
  FluxUnit unit;
};

// Both code points of the micro sign.
constexpr std::array kFluxUnits{NamedUnit{"njy", FluxUnit::nJy},      NamedUnit{"ujy", FluxUnit::uJy},
                                NamedUnit{"mjy", FluxUnit::mJy},      NamedUnit{"jy", FluxUnit::Jy},
                                NamedUnit{"\u00b5jy", FluxUnit::uJy}, NamedUnit{"\u03bcjy", FluxUnit::uJy},
                                NamedUnit{"microjy", FluxUnit::uJy},  NamedUnit{"nanojy", FluxUnit::nJy}};
constexpr std::array<std::string_view, 6> kTimeScales{"_tdb", "_utc", "_tai", "_tcb", "_tt", "_ut"};
constexpr std::array<std::string_view, 6> kTimes{"hjd", "bjd", "jd", "mjd", "hmjd", "time"};

/// "[mJy]" or "(mJy)" at the end of `name` is taken off and returned without the brackets.
std::string take_brackets(std::string_view& name) {
  if (name.empty()) return {};
  const char close = name.back();
  if (close != ')' && close != ']') return {};
  const std::size_t open = name.rfind(close == ')' ? '(' : '[');
  if (open == std::string_view::npos || open == 0) return {};
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

/// "bjd_tdb" and "hjd_2450000" as "bjd" and "hjd".
void strip_time(std::string& base) {
  for (const std::string_view time : kTimes) {
    if (base.size() <= time.size() || !base.starts_with(time)) continue;
    std::string_view rest = std::string_view(base).substr(time.size());
    for (const std::string_view scale : kTimeScales) {
      if (rest.starts_with(scale)) rest.remove_prefix(scale.size());
    }
    if (rest.empty() || is_offset(rest)) base.resize(time.size());
    return;
  }
}

}  // namespace

ColumnName parse_column_name(std::string_view name) {
  ColumnName parsed;
  if (name.size() > 256) return parsed;
  name = trimmed(name);
  parsed.unit = take_brackets(name);
  parsed.base = folded_name(name);
  std::replace_if(
      parsed.base.begin(), parsed.base.end(), [](char c) { return c == ' ' || c == '-'; }, '_');
  for (const NamedUnit& unit : kFluxUnits) {
    const std::string suffix = "_" + std::string(unit.name);
    if (!parsed.unit.empty() || !parsed.base.ends_with(suffix)) continue;
    parsed.base.resize(parsed.base.size() - suffix.size());
    parsed.unit = unit.name;
  }
  strip_time(parsed.base);
  return parsed;
}

std::optional<FluxUnit> flux_unit_called(std::string_view unit) {
  if (unit.starts_with('M')) return std::nullopt;  // a million
  const std::string folded = folded_name(unit);
  const auto found = std::find_if(kFluxUnits.begin(), kFluxUnits.end(),
                                  [&](const NamedUnit& known) { return known.name == folded; });
  return found == kFluxUnits.end() ? std::nullopt : std::optional(found->unit);
}

}  // namespace astrom3
