// SPDX-License-Identifier: MIT
//
// The columns that all outputs have in common, and a row as CSV text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "astrom3/sink/sink.h"

namespace astrom3 {

/// "amplitude=computed;period=catalog;lksl_statistic=computed;rfr_score=set"
std::string feature_sources_text(const Row& row);

/// Names of the period search's columns: period_err, period_power, false_alarm_probability,
/// period_probability, alternate_period_1, alternate_log_odds_1, ... Empty where the layout has none.
std::vector<std::string> period_search_columns(const RowLayout& layout);

/// The values for those columns; empty where the row has none. Log-odds are in nats: the logarithm of the
/// factor by which the alternate is less probable than the period chosen (0: equally probable).
std::vector<std::optional<double>> period_search_cells(const Row& row, const RowLayout& layout);

/// The header line: the common columns, then those of the period search, class and p_<CLASS>, out_of_class,
/// and e0 to e<embedding_size - 1>, as far as `layout` has them.
std::string csv_header(const RowLayout& layout);

/// Appends one line with the cells of csv_header(). A rejected row has n_used as given and nothing after it.
void append_csv_row(std::string& out, const Row& row, const RowLayout& layout);

/// The name of the most probable class; of equally probable classes, the first.
const std::string& likeliest_class(const Row& row, const RowLayout& layout);

/// Throws Error internal when a row with status ok lacks values that `layout` asks for, a defect of the
/// caller.
void require_layout(const Row& row, const RowLayout& layout);

}  // namespace astrom3
