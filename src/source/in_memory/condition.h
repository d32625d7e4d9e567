// SPDX-License-Identifier: MIT
//
// Conditions on the observations of a table in memory, and the columns they look at.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "source/in_memory/leaf.h"

namespace astrom3 {

/// What to throw where a condition looks at a column that is not among `names`.
Error no_such_condition(const std::string& column, std::span<const std::string> names);

/// Throws Error usage where the condition asks for a text and the column holds numbers, or the reverse.
void check_condition(const Condition& condition, const Leaf& leaf);

/// Whether element i fulfils the condition.
bool fulfils(const Leaf& leaf, std::int64_t i, const Condition& condition);

}  // namespace astrom3
