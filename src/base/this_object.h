// SPDX-License-Identifier: MIT
//
// The file that holds the running code.
#pragma once

#include <filesystem>

namespace astrom3 {

/// The running program; empty if the system does not say.
std::filesystem::path this_program();

/// The shared library that holds this code, or the program if it is not in a library.
std::filesystem::path this_object();

}  // namespace astrom3
