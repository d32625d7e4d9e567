// SPDX-License-Identifier: MIT
//
// Text to a file or to stdout.
#pragma once

#include <string>
#include <string_view>

namespace astrom3::cli {

/// Writes `text` to `path` ("-": stdout) by way of a temporary name: the file is complete or as it was. Links
/// are followed; a pipe or device is written to, never replaced. Throws Error output_error with the system's
/// reason.
void write_text_file(const std::string& path, std::string_view text);

/// Throws what write_text_file() would where nothing can be written at `path`: to be asked before long work.
/// An empty path, "-", a pipe and a device are always good.
void require_writable(const std::string& path);

}  // namespace astrom3::cli
