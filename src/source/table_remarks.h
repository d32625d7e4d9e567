// SPDX-License-Identifier: MIT
//
// Warnings about what may change a number of a table: the same for files and for tables in memory.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "astrom3/base/error.h"
#include "astrom3/source/source.h"
#include "source/table_plan.h"

namespace astrom3 {

/// Parts of the table that are not used, and the choices that were made.
std::vector<Diagnostic> remarks_on_plan(const TablePlan& plan, const SourceOptions& options);

/// What the lines of `header`, which begin with one of # @ % ! and the backslash, say about the numbers
/// otherwise than they are taken.
std::vector<Diagnostic> remarks_on_header(const TablePlan& plan, const SourceOptions& options,
                                          std::string_view header);

/// Fluxes of which only the documentation says that they are in mJy, and that may be something else.
std::optional<Diagnostic> remark_on_fluxes(const TablePlan& plan, const SourceOptions& options,
                                           const SourceObject& object);

/// Times of a table of no known survey that may be phases, and magnitudes that may be instrumental or
/// differential.
std::vector<Diagnostic> remarks_on_object(const TablePlan& plan, const SourceOptions& options,
                                          const SourceObject& object);

/// An id that is a number with a fraction, or one that lost digits as a floating-point number, so that two
/// objects may have become one.
std::optional<Diagnostic> remark_on_id(const TablePlan& plan, const SourceOptions& options,
                                       std::string_view id);

}  // namespace astrom3
