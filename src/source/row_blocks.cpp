// SPDX-License-Identifier: MIT
#include "source/row_blocks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/number.h"
#include "formats/table_header.h"
#include "source/column_names.h"

namespace astrom3 {
namespace {

constexpr std::size_t kFewestOfBlock = 3, kFewestOfValue = 4;  // rows, on average
constexpr std::size_t kFewestTurns = 3;                        // for each value but one

constexpr std::array<std::string_view, 46> kCircumstances{
    "camera",      "cam",         "ccd",       "ccdid",    "chip",         "detector",   "det",     "amp",
    "quadrant",    "readout",     "telescope", "tel",      "scope",        "site",       "station", "place",
    "obs",         "observatory", "obscode",   "observer", "observercode", "instrument", "inst",    "sector",
    "quarter",     "season",      "campaign",  "run",      "night",        "visit",      "field",   "orbit",
    "segment",     "airmass",     "exptime",   "exposure", "exposures",    "seeing",     "fwhm",    "moon",
    "observation", "epoch",       "nobs",      "year",     "month",        "day"};

}  // namespace

void RowBlocks::give_up() {
  *this = {};
  is_given_up_ = true;
}

void RowBlocks::change_to(std::string_view value) {
  if (n_blocks_ > 1 && overlap(before_, now_)) ++n_overlaps_;
  before_ = now_;
  now_ = {};
  seen_.insert(value);
  if (n_blocks_ < examples_.size()) examples_[n_blocks_] = value;
  value_ = value;
  ++n_blocks_;
}

void RowBlocks::add(std::string_view value, double time) {
  if (is_given_up_) return;
  value = trimmed(value);
  if (n_blocks_ == 0 || value != value_) {
    const ParsedNumber number = parse_number(value);
    if (number.kind == NumberKind::number && number.value != std::floor(number.value)) return give_up();
    change_to(value);
    const bool are_short = n_rows_ < kFewestOfBlock * (n_blocks_ - 1);  // such as numbers of rows
    if (seen_.size() > kMostValues && (n_blocks_ > seen_.size() || are_short)) return give_up();
  }
  ++n_rows_;
  now_ = {std::min(now_.first, time), std::max(now_.last, time)};
}

bool RowBlocks::are_objects() const noexcept {
  if (is_given_up_ || n_blocks_ < 2 || n_blocks_ > seen_.size()) return false;
  const std::size_t n_overlaps = n_overlaps_ + (overlap(before_, now_) ? 1 : 0);
  return n_rows_ >= kFewestOfBlock * n_blocks_ && 2 * n_overlaps > n_blocks_ - 1;
}

bool RowBlocks::take_turns() const noexcept {
  if (is_given_up_ || seen_.size() < 2) return false;
  return n_rows_ >= kFewestOfValue * seen_.size() && n_blocks_ - 1 >= kFewestTurns * (seen_.size() - 1);
}

bool names_a_circumstance(std::string_view name) {
  constexpr std::array<std::string_view, 5> kStars{"star", "object", "obj", "target", "source"};
  const std::string folded = folded_name(name.substr(0, kLongestColumnName));
  const auto is_word = [&](std::string_view word) { return has_word(folded, word); };
  if (std::any_of(kStars.begin(), kStars.end(), is_word)) return false;  // "visit_object", "field star"
  return std::any_of(kCircumstances.begin(), kCircumstances.end(), is_word);
}

}  // namespace astrom3
