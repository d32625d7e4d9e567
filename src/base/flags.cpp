// SPDX-License-Identifier: MIT
#include "astrom3/base/flags.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace astrom3 {
namespace {

// In the order of the bits of enum Flag.
constexpr std::array<std::string_view, 28> kNames{"few_points",
                                                  "cropped",
                                                  "duplicates_removed",
                                                  "points_dropped",
                                                  "tied_times",
                                                  "zero_errors",
                                                  "sentinel_suspected",
                                                  "nonstandard_scale",
                                                  "out_of_range_feature",
                                                  "aux_out_of_range",
                                                  "nonpositive_flux",
                                                  "short_span",
                                                  "time_precision",
                                                  "looks_like_magnitudes",
                                                  "no_final_newline",
                                                  "period_at_limit",
                                                  "error_assumed",
                                                  "feature_set",
                                                  "aperiodic",
                                                  "day_alias",
                                                  "year_alias",
                                                  "long_period",
                                                  "ambiguous_double",
                                                  "mixed_time_systems",
                                                  "mostly_dropped",
                                                  "sampling_alias",
                                                  "uncertain_period",
                                                  "unread_groups"};

}  // namespace

std::string_view flag_name(Flag flag) noexcept {
  const auto bit = static_cast<std::size_t>(std::countr_zero(static_cast<std::uint32_t>(flag)));
  return bit < kNames.size() ? kNames[bit] : std::string_view{};
}

std::string to_string(Flags flags) {
  std::string out;
  for (std::size_t bit = 0; bit < kNames.size(); ++bit) {
    if ((flags.bits() >> bit & 1u) == 0) continue;
    if (!out.empty()) out += ';';
    out += kNames[bit];
  }
  return out;
}

}  // namespace astrom3
