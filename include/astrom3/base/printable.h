// SPDX-License-Identifier: MIT
//
// Texts for people. Whatever a file holds, its text cannot control the terminal.
#pragma once

#include <string>
#include <string_view>

namespace astrom3 {

/// `text` with control characters (C0, DEL, C1, those of writing direction, separators of lines) and invalid
/// UTF-8 as \xNN; line ends stay. Every message goes through it, whatever the message quotes.
std::string printable(std::string_view text);

}  // namespace astrom3
