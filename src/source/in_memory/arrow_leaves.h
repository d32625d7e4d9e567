// SPDX-License-Identifier: MIT
//
// The columns of Arrow data, at any depth of its schema, and where their values lie in an array of it.
#pragma once

#include <cstdint>
#include <vector>

#include "astrom3/source/arrow_c_data.h"
#include "formats/table_leaf.h"
#include "source/in_memory/table_state.h"

namespace astrom3 {

/// A column of numbers or texts, and the path to it.
struct ArrowLeaf {
  TableLeaf column;
  std::vector<std::int64_t> path;  ///< which child at every level
};

/// The columns of an array or, where it is a struct, of the record batch it stands for. Throws Error usage
/// for a schema that contradicts itself.
std::vector<ArrowLeaf> arrow_leaves(const ArrowSchema& schema);

/// Where the values of a column lie in `array`, which has `schema`. Throws Error usage for an array that does
/// not fit its schema, or is of a type that holds neither numbers nor texts.
MemoryColumn bind_leaf(const ArrowSchema& schema, const ArrowArray& array, const ArrowLeaf& leaf);

}  // namespace astrom3
