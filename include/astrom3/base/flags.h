// SPDX-License-Identifier: MIT
//
// Remarks about a light curve that was embedded all the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace astrom3 {

/// One bit each; several may hold. Written as names joined by ';' in the `flags` column.
enum class Flag : std::uint32_t {
  few_points = 1u << 0,              ///< fewer than 10 observations
  cropped = 1u << 1,                 ///< more observations than steps: centre crop
  duplicates_removed = 1u << 2,      ///< exact duplicate rows were dropped
  points_dropped = 1u << 3,          ///< observations were dropped because an option or the format says so
  tied_times = 1u << 4,              ///< several observations at one time
  zero_errors = 1u << 5,             ///< an error of exactly zero
  sentinel_suspected = 1u << 6,      ///< values such as 99.99 lie far from the rest
  nonstandard_scale = 1u << 7,       ///< MAD was zero and --on-mad-zero replaced it
  out_of_range_feature = 1u << 8,    ///< log10_mad or delta_t far outside the training range
  aux_out_of_range = 1u << 9,        ///< a standardised feature outside [-6, 6]
  nonpositive_flux = 1u << 10,       ///< flux <= 0 was left out of the features
  short_span = 1u << 11,             ///< the observations span less than 0.1 d
  time_precision = 1u << 12,         ///< times look like float32: the spacing is coarse
  looks_like_magnitudes = 1u << 13,  ///< flux values look like magnitudes
  no_final_newline = 1u << 14,       ///< the file's last line may be incomplete
  period_at_limit = 1u << 15,        ///< the period found lies at the edge of the search range
  error_assumed = 1u << 16,          ///< errors come from --missing-error
  feature_set = 1u << 17,            ///< a feature was set to a constant, not measured
  aperiodic = 1u << 18,              ///< no period could be searched for; time order was used
  day_alias = 1u << 19,              ///< the period lies near an alias of one day
  year_alias = 1u << 20,             ///< the period lies near an alias of one year
  long_period = 1u << 21,            ///< the period is longer than half the time span
  ambiguous_double = 1u << 22,       ///< P and 2P fit equally well
  mixed_time_systems = 1u << 23,     ///< the times lie in groups as far apart as two time systems
  mostly_dropped = 1u << 24,         ///< one rule of quality left out more than half of the rows
  sampling_alias = 1u << 25,         ///< another period fits these times equally well; the longest was taken
  uncertain_period = 1u << 26,       ///< the period has a probability below one half
  unread_groups = 1u << 27,          ///< values of a column that was not read take turns: objects or bands?
};

/// A set of flags.
class Flags {
 public:
  constexpr Flags() = default;
  constexpr Flags(Flag flag)
      : bits_(static_cast<std::uint32_t>(flag)) {}  // NOLINT(google-explicit-constructor)
  constexpr void set(Flag flag) { bits_ |= static_cast<std::uint32_t>(flag); }
  constexpr void set(Flags flags) { bits_ |= flags.bits_; }
  constexpr bool has(Flag flag) const { return (bits_ & static_cast<std::uint32_t>(flag)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint32_t bits() const { return bits_; }
  friend constexpr bool operator==(Flags, Flags) = default;

 private:
  std::uint32_t bits_ = 0;
};

std::string_view flag_name(Flag flag) noexcept;

/// Names joined by ';', in the order of the enum; "" when none.
std::string to_string(Flags flags);

}  // namespace astrom3
