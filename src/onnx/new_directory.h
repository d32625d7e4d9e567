// SPDX-License-Identifier: MIT
//
// The directory that a checkpoint is imported into.
#pragma once

#include <filesystem>
#include <functional>

namespace astrom3 {

/// The directory must be free before anything is read. Throws Error output_error.
void require_new_directory(const std::filesystem::path& directory);

/// Makes it, and removes what is in it again where `fill` throws: half a checkpoint is none.
void fill_new_directory(const std::filesystem::path& directory, const std::function<void()>& fill);

}  // namespace astrom3
