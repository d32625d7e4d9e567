// SPDX-License-Identifier: MIT
//
// Whether a column of few values splits a light curve into levels, as bands do: then the column may hold
// bands, although its name does not say so.
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

  /// Adds the value beside the next observation. A column with more than kMostValues distinct values does not
  /// hold bands, and is not watched any longer.
  void add(std::string_view value);
  /// Whether a value is a number with a fraction: a wavelength may be one, but most such numbers are
  /// measured.
  bool has_fractions() const noexcept { return has_fractions_; }
  /// Whether a value is a word.
  bool has_words() const noexcept { return has_words_; }
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
  bool given_up_ = false, has_fractions_ = false, has_words_ = false;
};

/// Whether the name of a column that is in no list is that of bands or of their wavelengths: "obs_filt",
/// "waveband", "lambda_eff".
bool names_bands(std::string_view name);

/// Whether the values are two words or numbers for yes and no: such a column may say whether something was
/// detected.
bool is_yes_or_no(std::span<const std::string> values);

/// Whether the groups that `codes` make of `measured` [N] lie at different levels, and take turns in time.
///
/// Formula  of the ranks of `measured`, the share of the variance that lies between the groups (Kruskal &
/// Wallis 1952), less the expectation for random groups: (H - k + 1) / (N - k). It must be at least 0.35, and
/// H must be significant or, in a short light curve, all groups must be separated by gaps. Along time, the
/// group must change at least three times for each group but one, and a tenth as often as in a random order:
/// seasons and sectors, which follow each other, are not bands. For a star that varies slowly and much, the
/// test uses the differences from the level of all groups at the same time, and the groups must differ by
/// half a MAD of the light curve. If the two values are words or numbers for yes and no, there must be a gap
/// between the groups, because a star is detected when it is bright.
bool splits_into_levels(std::span<const double> time, std::span<const double> measured,
                        std::span<const std::uint8_t> codes, std::span<const std::string> values);

}  // namespace astrom3
