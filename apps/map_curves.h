// SPDX-License-Identifier: MIT
//
// The light curves of the objects on a map, small enough for its page.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "astrom3/light_curve.h"
#include "run_options.h"
#include "shown_magnitudes.h"

namespace astrom3::cli {

/// A cleaned light curve in eight bytes an observation, good to 2^-32 of its time span and 2^-16 of its
/// range.
struct PackedCurve {
  double time_start = 0, time_span = 0;  ///< days
  double flux_low = 0, flux_range = 0;   ///< mJy
  double largest_error = 0;              ///< mJy
  std::size_t n_observations = 0;        ///< before thinning
  ShownMagnitudes shown{};               ///< the magnitudes of its fluxes
  std::string bytes{};  ///< little-endian: time u32, flux u16, error u16, shares of the above
};

/// light_curve  cleaned, not empty
/// max_points   if there are more observations, evenly spaced ones are kept, the first among them
PackedCurve pack_curve(const LightCurve& light_curve, std::size_t max_points);

struct MapCurves {
  std::vector<std::optional<PackedCurve>> of;  ///< [n]; empty as a whole where none were asked for
  std::size_t n_found = 0, n_thinned = 0, n_rejected = 0;
};

/// Reads `inputs` as `embed` does and keeps the light curve of each of `object_ids`; of two light curves of
/// one object the first. Reports errors of these on stderr; objects that are not on the map are skipped.
/// Throws Error no_input, interrupted.
MapCurves read_map_curves(const RunArguments& arguments, const std::vector<std::string>& inputs,
                          const std::vector<std::string>& object_ids, std::size_t max_points);

}  // namespace astrom3::cli
