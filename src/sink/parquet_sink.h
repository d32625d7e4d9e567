// SPDX-License-Identifier: MIT
//
// Rows as a Parquet file, whose metadata hold the identity of the run.
#pragma once

#include <memory>

#include "astrom3/sink/sink.h"
#include "base/atomic_file.h"

namespace astrom3 {

/// See open_sink(). Row groups of about 16 MiB, so memory does not grow with the number of rows.
/// Throws Error usage for a layout with a tensor.
std::unique_ptr<Sink> open_parquet_sink(AtomicFile file, const RowLayout& layout, const Identity& identity);

}  // namespace astrom3
