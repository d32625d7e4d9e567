// SPDX-License-Identifier: MIT
//
// Refuses options of reading that contradict each other or are out of range, for any input.
#pragma once

#include "astrom3/source/source.h"

namespace astrom3 {

/// Throws Error usage naming the option.
void check_source_options(const SourceOptions& options);

}  // namespace astrom3
