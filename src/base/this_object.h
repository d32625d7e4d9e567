// SPDX-License-Identifier: MIT
//
// The file this code runs from.
#pragma once

#include <filesystem>

namespace astrom3 {

/// The running program; empty where the system does not say.
std::filesystem::path this_program();

/// The shared library that holds this code, or the program where no library does.
std::filesystem::path this_object();

}  // namespace astrom3
