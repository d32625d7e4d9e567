// SPDX-License-Identifier: MIT
//
// Renames that never replace a file unseen.
#pragma once

#include <string>

namespace astrom3 {

/// In one step: `a` and `b` of the open folder each get the file of the other. 0, or errno: EINVAL, ENOSYS or
/// ENOTSUP where the file system cannot.
int exchange_names(int folder, const std::string& a, const std::string& b) noexcept;

/// Renames `from` to a name that no file has. 0, or errno: EEXIST where one has it, else as exchange_names().
int rename_to_new(int folder, const std::string& from, const std::string& to) noexcept;

}  // namespace astrom3
