// SPDX-License-Identifier: MIT
//
// The file behind a reject log, to be committed with others.
#pragma once

#include "astrom3/sink/sink.h"
#include "base/atomic_file.h"

namespace astrom3 {

/// Null where the log is no file.
AtomicFile* file_of(RejectLog& rejects) noexcept;

}  // namespace astrom3
