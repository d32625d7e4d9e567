// SPDX-License-Identifier: MIT
//
// When a run has rejected too many objects: the options strict and max-rejects.
#pragma once

#include "astrom3/pipeline/pipeline.h"

namespace astrom3 {

/// After a rejection that `summary` counts already. Throws Error too_many_rejects naming the option.
void check_reject_limits(const RunOptions& options, const RunSummary& summary, const Diagnostic& latest);

/// The share of rejects alone, at the end.
void check_reject_fraction(const RunOptions& options, const RunSummary& summary);

}  // namespace astrom3
