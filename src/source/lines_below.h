// SPDX-License-Identifier: MIT
//
// Lines between the names of the columns and the first row: units, types, dashes.
#pragma once

#include <span>

#include "astrom3/source/source.h"
#include "source/column_names.h"
#include "source/text_lines.h"

namespace astrom3 {

/// The last line of the header: `naming`, or a line below it without data. Units in these lines are written
/// to labels.units.
///
/// lines      the lines after `naming`
/// data       the first line of numbers; null if there is none
/// Throws Error bad_header if units other than days, magnitudes and mJy stand below fewer columns than
/// there are names.
const TextLine& last_header_line(const TextLine& naming, std::span<const TextLine> lines,
                                 const TextLine* data, char delimiter, ColumnLabels& labels);

/// Whether all fields are units that are known, or blank.
bool are_known_units(std::span<const std::string> fields);

}  // namespace astrom3
