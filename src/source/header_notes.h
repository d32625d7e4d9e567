// SPDX-License-Identifier: MIT
//
// What comments and keywords around a table say about the unit of its fluxes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace astrom3 {

/// The first line of `header` that is a comment or a keyword and names a zero point with its number, or a
/// unit of fluxes other than mJy; nothing if there is none. Such lines are prose, so that nobody can know for
/// sure what they mean.
///
/// header  the lines above the rows; those that do not begin with one of # @ % ! and the backslash are
/// skipped
std::optional<std::string> find_note_on_flux(std::string_view header);

}  // namespace astrom3
