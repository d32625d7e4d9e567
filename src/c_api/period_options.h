// SPDX-License-Identifier: MIT
//
// The options of the period search as C gives them.
#pragma once

#include "astrom3/c_api.h"
#include "astrom3/period_search.h"

namespace astrom3::c_api {

/// Throws Error usage when the structure is null or of another size; ranges are checked by the search.
PeriodOptions period_options_of(const astrom3_period_options* given, const char* name);

}  // namespace astrom3::c_api
