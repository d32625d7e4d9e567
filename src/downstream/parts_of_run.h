// SPDX-License-Identifier: MIT
//
// The parts of a run that its manifest names.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "astrom3/base/error.h"

namespace astrom3 {

/// The parts that the manifest of `folder` names, in its order; nothing if the folder holds no manifest of
/// ours. Warns about a run that is not complete, and about parts that it does not name, which are left out.
/// Throws Error bad_tensors for a manifest that is damaged, or has names that no run writes, and for a part
/// that is missing or has another size.
std::optional<std::vector<std::filesystem::path>> parts_of_run(const std::filesystem::path& folder,
                                                               std::vector<Diagnostic>& warnings);

}  // namespace astrom3
