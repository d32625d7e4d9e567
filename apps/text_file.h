// SPDX-License-Identifier: MIT
//
// Text to a file or to stdout.
#pragma once

#include <string>
#include <string_view>

namespace astrom3::cli {

/// Writes `text` to `path` ("-": stdout) by way of a temporary name: the file is complete or as it was.
/// Throws Error output_error
void write_text_file(const std::string& path, std::string_view text);

}  // namespace astrom3::cli
