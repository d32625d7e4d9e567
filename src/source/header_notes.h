// SPDX-License-Identifier: MIT
//
// What comments and keywords around a table say about its numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace astrom3 {

/// What a line may say.
enum class NoteOn : std::uint8_t {
  fluxes,                   ///< a zero point with its number, or a unit other than mJy
  uncalibrated_magnitudes,  ///< instrumental or differential ones, or thousandths
  vega_magnitudes,
  ab_magnitudes,
  times,   ///< a unit other than days
  errors,  ///< several sigma, percent, variances
};

/// The first line of `header` that is a comment or a keyword and says such a thing; nothing if there is none.
/// Such lines are prose, so that nobody can know for sure what they mean.
///
/// header  the lines above the rows; those that do not begin with one of # @ % ! and the backslash are
/// skipped
std::optional<std::string> find_note(std::string_view header, NoteOn what);

}  // namespace astrom3
