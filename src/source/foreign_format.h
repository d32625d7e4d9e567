// SPDX-License-Identifier: MIT
//
// Texts that are no table of rows: what they are, and how to make a table of them.
#pragma once

#include <optional>
#include <string_view>

namespace astrom3 {

struct ForeignFormat {
  std::string_view name;  ///< "a VOTable"
  std::string_view hint;  ///< how to convert it
};

/// Told by the first bytes of a text, without byte order mark; nothing for what may be a table.
std::optional<ForeignFormat> foreign_format(std::string_view head);

}  // namespace astrom3
