// SPDX-License-Identifier: MIT
//
// Conditions on the observations of a table in memory, and the columns that they test.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "source/in_memory/leaf.h"

namespace astrom3 {

/// The error for a condition on a column that is not among `names`.
Error no_such_condition(const std::string& column, std::span<const std::string> names);

/// Throws Error usage if the condition names a text and the column holds numbers, or the reverse.
void check_condition(const Condition& condition, const Leaf& leaf);

/// Whether element i fulfils the condition.
bool fulfils(const Leaf& leaf, std::int64_t i, const Condition& condition);

}  // namespace astrom3
