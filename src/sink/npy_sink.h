// SPDX-License-Identifier: MIT
//
// Rows as NumPy arrays in a directory: mean.npy, sequence.npy, x_enc.npy, mask.npy, objects.csv.
#pragma once

#include <filesystem>
#include <memory>

#include "astrom3/sink/sink.h"

namespace astrom3 {

/// See open_sink().
std::unique_ptr<Sink> open_npy_sink(const std::filesystem::path& folder, const RowLayout& layout,
                                    const Identity& identity, const SinkOptions& options);

}  // namespace astrom3
