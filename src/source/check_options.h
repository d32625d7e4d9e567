// SPDX-License-Identifier: MIT
//
// Options of reading that make no sense, whatever is read.
#pragma once

#include "astrom3/source/source.h"

namespace astrom3 {

/// Throws Error usage naming the option.
void check_source_options(const SourceOptions& options);

}  // namespace astrom3
