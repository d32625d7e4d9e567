// SPDX-License-Identifier: MIT
//
// Open files by a path, for whatever takes paths alone.
#pragma once

#include <filesystem>

namespace astrom3 {

/// A path that opens the file behind `descriptor`, as long as that is open. On macOS both then share one
/// position; everything here reads at positions of its own (pread).
std::filesystem::path path_of_descriptor(int descriptor);

}  // namespace astrom3
