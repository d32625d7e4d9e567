// SPDX-License-Identifier: MIT
//
// The columns every output has in common, and a row as CSV text.
#pragma once

#include <string>

#include "astrom3/sink.h"

namespace astrom3 {

/// "amplitude=computed;period=catalog;lksl_statistic=computed;rfr_score=set"
std::string feature_sources_text(const Row& row);

/// The header line: the common columns, then e0..e<n_embedding - 1>.
std::string csv_header(std::size_t n_embedding);

/// Appends one line. The embedding's cells are written when n_embedding > 0; a rejected row has
/// n_used as given and nothing after it.
void append_csv_row(std::string& out, const Row& row, std::size_t n_embedding);

/// Throws Error internal when an ok row lacks what `layout` promises: a defect of the caller.
void require_layout(const Row& row, const RowLayout& layout);

/// The identity as a flat JSON object, one pair a line, in the order given.
std::string identity_json(const Identity& identity);

}  // namespace astrom3
