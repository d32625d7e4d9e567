// SPDX-License-Identifier: MIT
//
// The name of a file until it is complete.
#pragma once

#include <string>
#include <string_view>

namespace astrom3 {

/// ".<name>.tmp.<16 random hex digits>", which nobody can guess and no two calls share; `name` is cut so that
/// the whole name stays legal. The dot keeps readers of folders from taking the file for one of its tables.
/// Throws Error internal if the system gives no random bytes.
std::string temporary_name(std::string_view name);

/// "data" of such a name, or of "data.tmp.<16 random hex digits>" or "data.tmp.123.4", as in earlier
/// versions; empty for any other name.
std::string_view name_of_temporary(std::string_view temporary) noexcept;

}  // namespace astrom3
