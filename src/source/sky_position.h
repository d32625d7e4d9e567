// SPDX-License-Identifier: MIT
//
// Whether the rows of a table lie at one place on the sky, as those of one star do.
#pragma once

#include <optional>
#include <string_view>

namespace astrom3 {

/// Degrees. Right ascension and declination, or any other longitude and latitude.
struct SkyPosition {
  double longitude = 0, latitude = 0;
};

/// The position in two cells: degrees, or "17 45 40.0" and "-29:00:28" in hours and degrees. Nothing if
/// they hold no position.
std::optional<SkyPosition> parse_position(std::string_view longitude, std::string_view latitude);

/// Whether two positions are more than 1 arcmin apart: the positions that a survey gives for one star never
/// differ so much.
bool are_apart(const SkyPosition& a, const SkyPosition& b) noexcept;

}  // namespace astrom3
