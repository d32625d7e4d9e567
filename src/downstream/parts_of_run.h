// SPDX-License-Identifier: MIT
//
// The parts of a run, as its manifest has them.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "astrom3/base/error.h"

namespace astrom3 {

/// The parts that the manifest of `folder` names, in its order; nothing where the folder holds no manifest of
/// ours. Warns of a run that is not complete, and of parts that it does not name, which are left out. Throws
/// Error bad_tensors for a manifest that is damaged, or names what no run writes, and for a part that is not
/// there or has another size.
std::optional<std::vector<std::filesystem::path>> parts_of_run(const std::filesystem::path& folder,
                                                               std::vector<Diagnostic>& warnings);

}  // namespace astrom3
