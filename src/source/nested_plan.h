// SPDX-License-Identifier: MIT
//
// Which columns hold the light curves of a table whose rows may hold lists, and how rows are laid out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "astrom3/source/source.h"
#include "formats/table_leaf.h"
#include "source/table_plan.h"

namespace astrom3 {

enum class NestedLayout : std::uint8_t {
  rows,     ///< one observation per row
  lists,    ///< one object per row: lists for times, fluxes and errors
  triples,  ///< one object per row: one list of (time, flux, error)
};
inline constexpr std::size_t kTriple = 3;

struct NestedPlan {
  NestedLayout layout = NestedLayout::rows;
  std::vector<std::size_t> leaf_of;  ///< of each column of the plan
  TablePlan plan;
};

/// The kind of table that the leaves belong to.
struct NestedKind {
  std::string_view format;  ///< the name of the plan's format, if it is of no survey
  Status bad_column;        ///< the code for a column of the wrong type
};

/// Light curves are the lists of one group beside single values, or single values alone, or a column of
/// triples. Throws what plan_table() throws, and Error missing_column, ambiguous_column (several lists hold
/// light curves and SourceOptions::nested chooses none), or `kind.bad_column`.
NestedPlan plan_nested_table(std::span<const TableLeaf> leaves, const SourceOptions& options,
                             const NestedKind& kind);

/// One list of a light curve.
struct ListLength {
  std::string_view column;
  std::int64_t n = -1;     ///< elements; -1: null
  bool is_ragged = false;  ///< of triples: holds a list that is not of three
};

/// What is wrong with the lists of a light curve, the times first: they must exist and have the same length.
std::optional<Diagnostic> fault_of_lists(std::span<const ListLength> lists);

}  // namespace astrom3
