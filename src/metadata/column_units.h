// SPDX-License-Identifier: MIT
//
// The units of metadata: what a column has to be in, and what a stated unit is of that.
#pragma once

#include <optional>
#include <string_view>

namespace astrom3 {

/// "mag", "mas", "mas/yr", "deg", or "" for a number without a unit.
std::string_view expected_unit(std::string_view column);

/// What a value in `stated` is multiplied by to be in `expected`: 1000 for arcsec where mas are expected. 1
/// where nothing is stated; nothing where the unit is not known or measures something else.
std::optional<double> unit_factor(std::string_view stated, std::string_view expected);

}  // namespace astrom3
