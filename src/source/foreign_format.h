// SPDX-License-Identifier: MIT
//
// Texts that are not tables of rows: which format they have, and how to convert them to a table.
#pragma once

#include <optional>
#include <string_view>

namespace astrom3 {

struct ForeignFormat {
  std::string_view name;  ///< "a VOTable"
  std::string_view hint;  ///< how to convert it
};

/// Recognises the format by the first bytes of a text, without byte order mark; nothing if it may be a table.
std::optional<ForeignFormat> foreign_format(std::string_view head);

}  // namespace astrom3
