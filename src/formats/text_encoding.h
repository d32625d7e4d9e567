// SPDX-License-Identifier: MIT
//
// Whether a file is text, and in which encoding, by its first bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "base/utf8.h"

namespace astrom3 {

struct TextTraits {
  Status status = Status::ok;  ///< not_text or bad_encoding
  std::string message;         ///< what it looks like instead
  std::size_t bom_bytes = 0;   ///< UTF-8 byte order mark at the front
  char line_end = '\n';        ///< '\r' for files of old Macs, which hold no '\n' at all
};

/// head  the first bytes of the (decompressed) file; 64 KiB are plenty
TextTraits examine_text(std::string_view head);

/// "a PNG image", "a FITS file", ... when `head` starts with a magic number; else empty.
std::string_view binary_format_name(std::string_view head) noexcept;

/// Every byte is in 1..127: neither NUL nor anything that needs UTF-8 checks. Vectorised.
bool is_plain_ascii(std::string_view text) noexcept;

}  // namespace astrom3
