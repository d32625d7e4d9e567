// SPDX-License-Identifier: MIT
//
// Under which names catalogues hold the columns of metadata, and what follows from other columns.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace astrom3 {

/// What catalogues call their column of ids, first the usual name.
inline constexpr std::array<const char*, 4> kIdColumns{"object_id", "asassn_name", "source_id",
                                                       "edr3_source_id"};

/// Where the numbers of a column come from: a column of the table as it is, or what follows from several.
struct ColumnOrigin {
  std::vector<std::size_t> columns;                    ///< of the table
  std::vector<std::string> inputs;                     ///< what these are in our names: "ra", "dec"
  double (*value)(std::span<const double>) = nullptr;  ///< of their numbers; null: the first as it is
  std::string words;                                   ///< "bp_rp: BPmag - RPmag"
};

/// Finds a column in a table that has `names`: under its own name, one of its aliases, or by what it follows
/// from. Names are compared without regard to case. Nothing where there is no way.
std::optional<ColumnOrigin> find_origin(std::string_view column, std::span<const std::string> names);

/// The 34 columns of the published checkpoints, in their order.
const std::vector<std::string>& published_columns();

/// Other names of a column, for messages: "Jmag, j_m".
std::string alias_words(std::string_view column);

}  // namespace astrom3
