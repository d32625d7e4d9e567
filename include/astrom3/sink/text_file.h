// SPDX-License-Identifier: MIT
//
// A text as one file: complete or not there at all, and asked for before the work that makes it.
#pragma once

#include <filesystem>
#include <string_view>

namespace astrom3 {

/// Writes `text` to `path` under a temporary name and gives it its own when it is on disk: the file is
/// complete or as it was. A symbolic link is followed. "-" is stdout; that, a pipe or a device is written to
/// as it is. Throws Error output_error with the system's reason.
void write_text_file(const std::filesystem::path& path, std::string_view text);

/// Throws what write_text_file() would where nothing can be written at `path`: to be asked before long work.
/// Leaves nothing behind. Streams are always good: to open a pipe would already wait for its reader.
void require_writable(const std::filesystem::path& path);

}  // namespace astrom3
