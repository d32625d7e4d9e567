// SPDX-License-Identifier: MIT
#include "source/levels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/median.h"
#include "base/number.h"
#include "formats/table_header.h"
#include "source/column_names.h"

namespace astrom3 {
namespace {

constexpr double kLeastShare = 0.35;
constexpr double kBeyondChance = 5;  // standard deviations of H
constexpr double kLeastTurns = 0.1;  // of those by chance
constexpr std::size_t kFewestOfGroup = 4;
constexpr double kLeastGap = 0.5;       // of the range of the narrower group
constexpr double kLeastShift = 0.5;     // of the MAD of the light curve
constexpr double kMostRest = 0.3;       // of it, beside the slow variation
constexpr std::size_t kNeighbours = 2;  // on each side in time

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

struct ValueRange {
  double low = INFINITY, high = -INFINITY;
  double width() const { return high - low; }
};

/// Whether each two groups that follow each other are farther apart than half the range of the narrower one.
bool have_gaps(std::span<const double> measured, std::span<const std::uint8_t> codes, std::size_t n_groups) {
  std::vector<ValueRange> ranges(n_groups);
  for (std::size_t i = 0; i < measured.size(); ++i) {
    ValueRange& range = ranges[codes[i]];
    range.low = std::min(range.low, measured[i]);
    range.high = std::max(range.high, measured[i]);
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const ValueRange& a, const ValueRange& b) { return a.low < b.low; });
  for (std::size_t g = 1; g < ranges.size(); ++g) {
    const double gap = ranges[g].low - ranges[g - 1].high;
    if (!(gap > kLeastGap * std::min(ranges[g].width(), ranges[g - 1].width())) || !(gap > 0)) return false;
  }
  return true;
}

/// Whether the groups differ by their ranks. In a light curve that is too short for a significant H, there
/// must be gaps between all groups.
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

double mad_of(std::vector<double> values) {
  const double center = median_of(values);
  for (double& value : values) value = std::fabs(value - center);
  return median_of(std::move(values));
}

/// Observations of each group in order of time.
std::vector<std::vector<std::size_t>> groups_in_time(std::span<const double> time,
                                                     std::span<const std::uint8_t> codes,
                                                     std::size_t n_groups) {
  std::vector<std::vector<std::size_t>> groups(n_groups);
  for (const std::size_t i : order_of(time)) groups[codes[i]].push_back(i);
  return groups;
}

/// The median of the observations of one group next to time t.
double level_at(double t, const std::vector<std::size_t>& group, std::span<const double> time,
                std::span<const double> measured) {
  const auto at = std::lower_bound(group.begin(), group.end(), t,
                                   [&](std::size_t i, double limit) { return time[i] < limit; });
  const auto middle = static_cast<std::size_t>(at - group.begin());
  std::vector<double> near;
  const std::size_t end = std::min(group.size(), middle + kNeighbours);
  for (std::size_t k = middle - std::min(middle, kNeighbours); k < end; ++k)
    near.push_back(measured[group[k]]);
  return median_in_place(near);
}

/// `measured` less the mean of the levels of the groups at the same time: for a star whose slow variation is
/// larger than the differences between its bands.
std::vector<double> without_slow_variation(std::span<const double> time, std::span<const double> measured,
                                           const std::vector<std::vector<std::size_t>>& groups) {
  std::vector<double> residual(measured.begin(), measured.end());
  for (std::size_t i = 0; i < residual.size(); ++i)
    for (const std::vector<std::size_t>& group : groups)
      residual[i] -= level_at(time[i], group, time, measured) / static_cast<double>(groups.size());
  return residual;
}

/// Whether the groups differ enough compared with the variation, and by far more than the star varies from
/// one observation to the next.
bool is_clear_shift(std::span<const double> measured, const std::vector<double>& residual,
                    const std::vector<std::vector<std::size_t>>& groups) {
  ValueRange medians;
  std::vector<double> within = residual;
  for (const std::vector<std::size_t>& group : groups) {
    std::vector<double> values;
    for (const std::size_t i : group) values.push_back(residual[i]);
    const double median = median_in_place(values);
    for (const std::size_t i : group) within[i] -= median;
    medians = {std::min(medians.low, median), std::max(medians.high, median)};
  }
  const double mad = mad_of({measured.begin(), measured.end()});
  return medians.width() >= kLeastShift * mad && mad_of(std::move(within)) <= kMostRest * mad;
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
  const auto found = std::find(values_.begin(), values_.end(), value);
  const auto code = static_cast<std::size_t>(found - values_.begin());
  if (found == values_.end()) {
    if (values_.size() == kMostValues) return give_up();
    const ParsedNumber number = parse_number(value);
    has_words_ = has_words_ || number.kind == NumberKind::not_a_number;
    has_fractions_ =
        has_fractions_ || (number.kind == NumberKind::number && number.value != std::floor(number.value));
    values_.emplace_back(value);
  }
  codes_.push_back(static_cast<std::uint8_t>(code));
}

bool names_bands(std::string_view name) {
  constexpr std::array<std::string_view, 18> kWords{
      "band",     "bands", "filter",     "filters", "filt", "flt", "fltr", "filtre", "filtro",
      "passband", "pb",    "wavelength", "lambda",  "wave", "wl",  "lam",  "freq",   "frequency"};
  constexpr std::array<std::string_view, 5> kParts{"filter", "passband", "waveband", "bandpass",
                                                   "wavelength"};
  constexpr std::array<std::string_view, 12> kOthers{"err",  "error", "zp",   "flag",    "flags", "quality",
                                                     "nobs", "n",     "corr", "version", "width", "fwhm"};
  const std::string folded = parse_column_name(name).base;
  const std::string squeezed = squeezed_name(folded);
  const auto is_word = [&](std::string_view word) { return has_word(folded, word); };
  const auto is_end = [&](std::string_view part) {
    return squeezed.starts_with(part) || squeezed.ends_with(part);
  };
  return (std::any_of(kWords.begin(), kWords.end(), is_word) ||
          std::any_of(kParts.begin(), kParts.end(), is_end)) &&
         std::none_of(kOthers.begin(), kOthers.end(), is_word) && !squeezed.starts_with("filtered");
}

bool is_yes_or_no(std::span<const std::string> values) {
  constexpr std::array<std::string_view, 10> kWords{"0", "1",   "true", "false", "t",
                                                    "f", "yes", "no",   "y",     "n"};
  return values.size() == 2 && std::all_of(values.begin(), values.end(), [&](const std::string& value) {
           const std::string folded = folded_name(value);
           return std::find(kWords.begin(), kWords.end(), folded) != kWords.end();
         });
}

bool splits_into_levels(std::span<const double> time, std::span<const double> measured,
                        std::span<const std::uint8_t> codes, std::span<const std::string> values) {
  if (values.size() < 2 || codes.size() != measured.size() || measured.size() <= values.size()) return false;
  const std::vector<double> counts = counts_of(codes, values.size());
  if (!take_turns(time, codes, counts)) return false;
  if (is_yes_or_no(values) && !have_gaps(measured, codes, counts.size())) return false;
  if (differ(measured, codes, counts)) return true;
  const auto groups = groups_in_time(time, codes, counts.size());
  const std::vector<double> residual = without_slow_variation(time, measured, groups);
  return differ(residual, codes, counts) && is_clear_shift(measured, residual, groups);
}

}  // namespace astrom3
