// SPDX-License-Identifier: MIT
//
// Where text is valid UTF-8 and where it is not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace astrom3 {

/// Number of bytes of the UTF-8 sequence that starts at text[i]. 0 if no valid sequence starts there: stray
/// continuation bytes, overlong forms, surrogates, code points beyond U+10FFFF, a sequence cut by the end.
std::size_t utf8_length(std::string_view text, std::size_t i) noexcept;

/// Offset of the first byte that is not part of valid UTF-8, or npos.
std::size_t find_invalid_utf8(std::string_view text) noexcept;

/// The number of the character that is one valid UTF-8 sequence.
std::uint32_t code_point(std::string_view character) noexcept;

/// Whether a valid UTF-8 sequence controls a terminal or changes how the text around it is shown: C0, DEL,
/// C1, the separators of lines and paragraphs, the marks of writing direction, and tags.
bool is_control(std::string_view character) noexcept;

}  // namespace astrom3
