// SPDX-License-Identifier: MIT
//
// Writes a text as one file: complete or not at all. The path can be tested before the work begins.
#pragma once

#include <filesystem>
#include <string_view>

namespace astrom3 {

/// Writes `text` under a temporary name, and gives it the name `path` when it is on disk: the file is the new
/// one or unchanged. A symbolic link is followed. "-" is stdout; stdout, a pipe or a device is written to
/// directly. Throws Error output_error with the system's reason.
void write_text_file(const std::filesystem::path& path, std::string_view text);

/// Throws what write_text_file() would throw if nothing can be written at `path`: call it before long work.
/// Leaves nothing behind. Streams always pass: opening a pipe would already wait for its reader.
void require_writable(const std::filesystem::path& path);

}  // namespace astrom3
