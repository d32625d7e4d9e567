// SPDX-License-Identifier: MIT
//
// The file behind a reject log, to be committed with others.
#pragma once

#include "astrom3/sink/sink.h"
#include "base/atomic_file.h"

namespace astrom3 {

/// Null if the log is not a file.
AtomicFile* file_of(RejectLog& rejects) noexcept;

}  // namespace astrom3
