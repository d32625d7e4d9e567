// SPDX-License-Identifier: MIT
//
// The notes that astropy writes beside a table in Parquet.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace astrom3 {

/// Its key in the footer.
constexpr const char* kAstropyNotes = "table_meta_yaml";

using UnitsByName = std::map<std::string, std::string>;

/// The units in astropy's notes on a table, which are YAML: under "datatype:", one mapping for each column,
/// such as
/// `- {name: flux, unit: mJy, datatype: float64}`. What is not of this form is passed over.
UnitsByName units_in_astropy_notes(std::string_view yaml);

}  // namespace astrom3
