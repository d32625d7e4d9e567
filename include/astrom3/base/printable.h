// SPDX-License-Identifier: MIT
//
// Texts for people, which no file can use to drive their terminal.
#pragma once

#include <string>
#include <string_view>

namespace astrom3 {

/// `text` with control characters (C0, DEL, C1, those of writing direction, separators of lines) and invalid
/// UTF-8 as \xNN; line ends stay. Every message passes it, whatever it quotes.
std::string printable(std::string_view text);

}  // namespace astrom3
