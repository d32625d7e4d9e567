// SPDX-License-Identifier: MIT
//
// Whether a column of few values splits a light curve into levels, as a column of bands does that nobody
// named so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace astrom3 {

/// The values of one column of an object, as long as they are few.
class WatchedColumn {
 public:
  static constexpr std::size_t kMostValues = 12;

  /// The value beside the next observation. More than kMostValues distinct ones, or numbers with a fraction,
  /// are no bands: the column is given up.
  void add(std::string_view value);
  bool is_given_up() const noexcept { return given_up_; }
  const std::vector<std::string>& values() const noexcept { return values_; }
  std::span<const std::uint8_t> codes() const noexcept {
    return codes_;
  }  ///< of each observation, into values()
  std::size_t memory_bytes() const noexcept {
    return codes_.capacity() + values_.capacity() * sizeof(std::string);
  }

 private:
  void give_up();

  std::vector<std::string> values_;
  std::vector<std::uint8_t> codes_;
  bool given_up_ = false;
};

/// Whether these are two words or numbers of yes and no: such a column may say whether something was
/// detected.
bool is_yes_or_no(std::span<const std::string> values);

/// Whether the groups that `codes` make of `measured` [N] lie at different levels, and take turns in time.
///
/// Formula  of the ranks of `measured`, the share of the variance that lies between the groups (Kruskal &
/// Wallis 1952), less what chance gives: (H - k + 1) / (N - k). It must be at least 0.35, and H far beyond
/// chance or, in a short light curve, a gap between all groups. Along time there are at least three changes
/// of group for each group but one, and a tenth of those that chance would give: seasons and sectors, which
/// follow each other, are no bands. A star that varies slowly and much is judged by what is left beside the
/// levels of all groups at the same time, where the groups must differ by half a MAD of the light curve. A
/// column of two values that are words or numbers of yes and no must leave a gap between the groups, for a
/// star is detected when it is bright.
bool splits_into_levels(std::span<const double> time, std::span<const double> measured,
                        std::span<const std::uint8_t> codes, std::span<const std::string> values);

}  // namespace astrom3
