// SPDX-License-Identifier: MIT
//
// Rows as a CSV file with the identity of the run in a file beside it, or as CSV into a stream.
#pragma once

#include <filesystem>
#include <memory>

#include "astrom3/sink/sink.h"

namespace astrom3 {

/// See open_sink(). Throws Error usage for a layout with a sequence or a tensor.
std::unique_ptr<Sink> open_csv_sink(const std::filesystem::path& path, const RowLayout& layout,
                                    const Identity& identity, const SinkOptions& options);

}  // namespace astrom3
