// SPDX-License-Identifier: MIT
#include "source/levels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/median.h"
#include "base/number.h"
#include "formats/table_header.h"

namespace astrom3 {
namespace {

constexpr double kLeastShare = 0.35;
constexpr double kBeyondChance = 5;  // standard deviations of H
constexpr double kLeastTurns = 0.1;  // of those by chance
constexpr std::size_t kFewestOfGroup = 4;
constexpr double kLeastGap = 0.5;       // of the range of the narrower group
constexpr double kLeastShift = 0.5;     // of the MAD of the light curve
constexpr std::size_t kNeighbours = 3;  // on each side in time

std::vector<std::size_t> order_of(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  return order;
}

/// Ranks from 1 on; equal values share the mean of theirs.
std::vector<double> ranks_of(std::span<const double> values) {
  const std::vector<std::size_t> order = order_of(values);
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double rank = 0.5 * static_cast<double>(begin + end + 1);
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = rank;
    begin = end;
  }
  return ranks;
}

std::vector<double> counts_of(std::span<const std::uint8_t> codes, std::size_t n_groups) {
  std::vector<double> counts(n_groups);
  for (const std::uint8_t code : codes) ++counts[code];
  return counts;
}

/// Kruskal and Wallis's H, for ties divided by the variance that the ranks have.
double kruskal_wallis(std::span<const double> ranks, std::span<const std::uint8_t> codes,
                      std::span<const double> counts) {
  const auto n = static_cast<double>(ranks.size());
  const double mean = 0.5 * (n + 1);
  std::vector<double> sums(counts.size());
  double total = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    sums[codes[i]] += ranks[i] - mean;
    total += (ranks[i] - mean) * (ranks[i] - mean);
  }
  double between = 0;
  for (std::size_t g = 0; g < counts.size(); ++g)
    between += counts[g] > 0 ? sums[g] * sums[g] / counts[g] : 0;
  return total > 0 ? (n - 1) * between / total : 0;
}

bool take_turns(std::span<const double> time, std::span<const std::uint8_t> codes,
                std::span<const double> counts) {
  const std::vector<std::size_t> order = order_of(time);
  std::size_t n_turns = 0;
  for (std::size_t i = 1; i < order.size(); ++i)
    n_turns += static_cast<std::size_t>(codes[order[i]] != codes[order[i - 1]]);
  const auto n = static_cast<double>(codes.size());
  double same = 0;
  for (const double count : counts) same += count / n * (count / n);
  return n_turns >= 3 * (counts.size() - 1) &&
         static_cast<double>(n_turns) >= kLeastTurns * (n - 1) * (1 - same);
}

/// Words and numbers of yes and no: such a column may say whether something was detected.
bool is_yes_or_no(std::span<const std::string> values) {
  constexpr std::array<std::string_view, 10> kWords{"0", "1",   "true", "false", "t",
                                                    "f", "yes", "no",   "y",     "n"};
  return values.size() == 2 && std::all_of(values.begin(), values.end(), [&](const std::string& value) {
           const std::string folded = folded_name(value);
           return std::find(kWords.begin(), kWords.end(), folded) != kWords.end();
         });
}

struct Range {
  double low = INFINITY, high = -INFINITY;
  double width() const { return high - low; }
};

/// Whether each two groups that follow each other are farther apart than half the range of the narrower one.
bool have_gaps(std::span<const double> measured, std::span<const std::uint8_t> codes, std::size_t n_groups) {
  std::vector<Range> ranges(n_groups);
  for (std::size_t i = 0; i < measured.size(); ++i) {
    Range& range = ranges[codes[i]];
    range.low = std::min(range.low, measured[i]);
    range.high = std::max(range.high, measured[i]);
  }
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.low < b.low; });
  for (std::size_t g = 1; g < ranges.size(); ++g) {
    const double gap = ranges[g].low - ranges[g - 1].high;
    if (!(gap > kLeastGap * std::min(ranges[g].width(), ranges[g - 1].width())) || !(gap > 0)) return false;
  }
  return true;
}

/// Whether the ranks say that the groups differ. A light curve too short for H to be sure is believed where
/// gaps lie between all its groups.
bool differ(std::span<const double> measured, std::span<const std::uint8_t> codes,
            std::span<const double> counts) {
  const double h = kruskal_wallis(ranks_of(measured), codes, counts);
  const double by_chance = static_cast<double>(counts.size()) - 1;
  const double share = (h - by_chance) / (static_cast<double>(measured.size()) - 1 - by_chance);
  if (share < kLeastShare) return false;
  if (h - by_chance > kBeyondChance * std::sqrt(2 * by_chance)) return true;
  const double fewest = *std::min_element(counts.begin(), counts.end());
  return fewest >= static_cast<double>(kFewestOfGroup) && have_gaps(measured, codes, counts.size());
}

double median_of(std::vector<double> values) {
  return median_in_place(values);
}

/// `measured` less the median of its neighbours in time: what is left when a star that varies slowly varies
/// more than its bands differ.
std::vector<double> without_slow_variation(std::span<const double> time, std::span<const double> measured) {
  const std::vector<std::size_t> order = order_of(time);
  std::vector<double> residual(measured.size());
  std::vector<double> around;
  for (std::size_t i = 0; i < order.size(); ++i) {
    around.clear();
    for (std::size_t k = i - std::min(i, kNeighbours); k < std::min(order.size(), i + kNeighbours + 1); ++k)
      if (k != i) around.push_back(measured[order[k]]);
    residual[order[i]] = measured[order[i]] - median_in_place(around);
  }
  return residual;
}

/// Whether the highest group lies above the lowest by as much as matters beside the variation.
bool is_large_shift(std::span<const double> measured, std::span<const double> residual,
                    std::span<const std::uint8_t> codes, std::size_t n_groups) {
  std::vector<std::vector<double>> groups(n_groups);
  for (std::size_t i = 0; i < codes.size(); ++i) groups[codes[i]].push_back(residual[i]);
  Range medians;
  for (const std::vector<double>& group : groups) {
    const double median = median_of(group);
    medians = {std::min(medians.low, median), std::max(medians.high, median)};
  }
  std::vector<double> deviations(measured.begin(), measured.end());
  const double center = median_of(deviations);
  for (double& deviation : deviations) deviation = std::fabs(deviation - center);
  return medians.width() >= kLeastShift * median_of(std::move(deviations));
}

}  // namespace

void WatchedColumn::give_up() {
  given_up_ = true;
  values_ = {};
  codes_ = {};
}

void WatchedColumn::add(std::string_view value) {
  if (given_up_) return;
  value = trimmed(value);
  // Bands are words or whole numbers; what has a fraction was measured.
  const ParsedNumber number = parse_number(value);
  if (number.kind == NumberKind::number && number.value != std::floor(number.value)) return give_up();
  const auto found = std::find(values_.begin(), values_.end(), value);
  const auto code = static_cast<std::size_t>(found - values_.begin());
  if (found == values_.end()) {
    if (values_.size() == kMostValues) return give_up();
    values_.emplace_back(value);
  }
  codes_.push_back(static_cast<std::uint8_t>(code));
}

bool splits_into_levels(std::span<const double> time, std::span<const double> measured,
                        std::span<const std::uint8_t> codes, std::span<const std::string> values) {
  if (values.size() < 2 || codes.size() != measured.size() || measured.size() <= values.size()) return false;
  const std::vector<double> counts = counts_of(codes, values.size());
  if (!take_turns(time, codes, counts)) return false;
  if (is_yes_or_no(values) && !have_gaps(measured, codes, counts.size())) return false;
  if (differ(measured, codes, counts)) return true;
  const std::vector<double> residual = without_slow_variation(time, measured);
  return differ(residual, codes, counts) && is_large_shift(measured, residual, codes, counts.size());
}

}  // namespace astrom3
