// SPDX-License-Identifier: MIT
#include "source/quality_tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "base/number.h"
#include "formats/table_header.h"
#include "source/columns.h"
#include "source/observation_intake.h"

namespace astrom3 {
namespace {

// The best first.
constexpr std::array<std::string_view, 9> kGood{"1", "true", "yes", "t", "y", "good", "ok", "valid", "pass"};
constexpr std::array<std::string_view, 14> kNotBad{"0",  "false", "no",   "f",    "n",     "good", "g",
                                                   "ok", "pass",  "none", "fine", "clear", "a",    "0000"};

}  // namespace

void QualityTally::add(std::string_view value) {
  if (is_full()) return;
  ++n_rows_;
  value = trimmed(value);
  const auto found =
      std::find_if(values_.begin(), values_.end(), [&](const auto& known) { return known.first == value; });
  if (found != values_.end()) {
    ++found->second;
    return;
  }
  are_bits_ = are_bits_ && flag_bits(value).has_value();
  if (values_.size() == kMostValues) {
    are_many_ = true;
  } else {
    values_.emplace_back(value, 1);
  }
}

/// Nothing if there are so many values that none says that a row is good.
std::optional<std::string> QualityTally::good_value(bool marks_good) const {
  const std::span<const std::string_view> words =
      marks_good ? std::span<const std::string_view>(kGood) : kNotBad;
  if (values_.empty()) return std::string(words.front());
  const auto most = std::max_element(values_.begin(), values_.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  constexpr std::size_t kMostBadPerGood = 3;  // beyond that, a 0 may be the worst of grades
  for (const std::string_view word : words) {
    for (const auto& [value, n] : values_)
      if (folded_name(value) == word && kMostBadPerGood * n >= most->second) return value;
  }
  return are_many_ ? std::nullopt : std::optional(most->first);
}

Hint QualityTally::hint(const std::string& name) const {
  const bool marks_good = marks_good_rows(name);
  const auto value = good_value(marks_good);
  const bool has_bits = are_bits_ && !marks_good;
  Hint hint;
  if (value.has_value()) {
    hint.text = "keep the good ones with {}";
    hint.remedies.push_back({"where", fmt::format("{}={}", name, *value)});
  }
  if (has_bits) {
    hint.text += !value.has_value() ? "name bits that mark bad ones with {}"
                                    : ", or name bits that mark bad ones with {}";
    hint.remedies.push_back({"quality-mask", "1"});
  }
  if (hint.text.empty()) hint.text = "leave the bad ones out of the table";
  return hint;
}

}  // namespace astrom3
