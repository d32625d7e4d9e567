// SPDX-License-Identifier: MIT
//
// Measurements that a table holds beside the ones that are read.
#pragma once

#include <optional>

#include "astrom3/base/error.h"
#include "source/table_plan.h"

namespace astrom3 {

/// A remark that names the columns of a table of no known survey that hold other times, or other magnitudes
/// (fluxes) than those that are read, as "mag_corr" beside "mag", unless the options chose the column. They
/// would give other numbers, so that the user has to know which are used. Nothing where there are none.
std::optional<Diagnostic> remark_on_unused(const TablePlan& plan, const SourceOptions& options);

}  // namespace astrom3
