// SPDX-License-Identifier: MIT
//
// The standardisation of channels 3-6: catalogue units to the z-scores the encoder was trained on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace astrom3 {

/// Channels 3-6 of the input tensor, in channel order.
enum class Feature : std::uint8_t { amplitude, period, lksl_statistic, rfr_score };
inline constexpr std::size_t kFeatureCount = 4;
std::string_view feature_name(Feature feature) noexcept;

/// z = (g(value) - mean) / std, with g = log10 for the period and the identity otherwise.
/// With `none` the values are not changed (no logarithm is taken either).
struct Scaling {
  bool none = false;
  std::array<double, kFeatureCount> mean{};
  std::array<double, kFeatureCount> std{};
  std::array<bool, kFeatureCount> log10{false, true, false, false};
  std::string source;  ///< "published", "checkpoint", "none" or the file's name; written into outputs

  double standardise(Feature feature, double raw) const noexcept;
  double raw(Feature feature, double standardised) const noexcept;
};

/// The table solved from the published notebooks (docs/model.md): the default for checkpoints
/// that carry no scaling of their own.
Scaling published_scaling();
Scaling no_scaling();
/// Whether both give the same z-scores of all values; what they are called is of no account.
bool are_same(const Scaling& a, const Scaling& b) noexcept;

/// Reads `preprocessor_config.json` (ours) or upstream's `info.json`; their keys tell them apart.
/// Throws Error bad_scaling naming the file and the JSON pointer.
Scaling read_scaling(const std::filesystem::path& file);

/// The text of a `preprocessor_config.json` that read_scaling() reads back to the same numbers.
std::string to_json(const Scaling& scaling);

}  // namespace astrom3
